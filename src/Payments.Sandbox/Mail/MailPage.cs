using System.Globalization;
using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Mail;

/// <summary>The page on which the caught mails are read, and the calls beneath it.</summary>
internal static class MailPage
{
    private static readonly string Html = Resource("Mail.page.html");

    public static WebApplication Build(MailCatcher catcher, int port)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        // Ctrl-C is the supervisor's to hear; this must not stop before the API has sent its last mail.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();

        var app = builder.Build();
        app.UseHeadAsGet();
        app.Use(RefuseForeignPages);
        app.MapGet("/", Page);
        app.MapGet("/messages", (HttpContext http, string? to, int? limit) => List(catcher, http, to, limit));
        app.MapDelete("/messages", () =>
        {
            catcher.Clear();
            return Results.NoContent();
        });
        app.MapGet("/messages/{id:long}", (long id) => catcher.Find(id) is { } mail ? Results.Json(mail) : Results.NotFound());
        app.MapGet("/messages/{id:long}/html", (HttpContext http, long id) => HtmlOf(catcher, http, id));
        app.MapGet("/messages/{id:long}/source", (long id) => catcher.Find(id) is null
            ? Results.NotFound()
            : Results.File(catcher.FileOf(id), "message/rfc822", $"{id.ToString(CultureInfo.InvariantCulture)}.eml"));
        app.MapGet("/faults", () => catcher.Faults);
        app.MapPost("/faults", (MailFaults faults) => SetFaults(catcher, faults));
        app.MapDelete("/faults", () => SetFaults(catcher, new MailFaults()));
        return app;
    }

    private static Task RefuseForeignPages(HttpContext http, RequestDelegate next)
    {
        if (ForeignPages.Refusal(http.Request) is not var (status, reason))
        {
            return next(http);
        }

        http.Response.StatusCode = status;
        return http.Response.WriteAsync(reason);
    }

    private static IResult Page(HttpContext http)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "no-store";
        return Results.Content(Html.Replace("{{nonce}}", nonce, StringComparison.Ordinal), "text/html; charset=utf-8");
    }

    private static IResult List(MailCatcher catcher, HttpContext http, string? to, int? limit)
    {
        var tag = $"\"{catcher.Version.ToString(CultureInfo.InvariantCulture)}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "no-cache";
        if (http.Request.Headers.IfNoneMatch == tag)
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        return Results.Json(catcher.Messages.Where(mail => to is null || mail.Recipients.Contains(to, StringComparer.OrdinalIgnoreCase)).Take(limit ?? int.MaxValue));
    }

    private static IResult HtmlOf(MailCatcher catcher, HttpContext http, long id)
    {
        if (catcher.Find(id) is not { Html: { } html })
        {
            return Results.NotFound();
        }

        // The mail's own markup: it may look as it likes, but runs nothing and fetches nothing. Its links open in a new window.
        http.Response.Headers.ContentSecurityPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Results.Content("<base target=\"_blank\">" + html, "text/html; charset=utf-8");
    }

    private static IResult SetFaults(MailCatcher catcher, MailFaults faults)
    {
        if (faults is not { Refuse: >= 0, DropAfterData: >= 0, Status: >= 400 and <= 599 })
        {
            return Results.Problem("refuse and dropAfterData are counts of 0 or more; status is 400 to 599.", statusCode: StatusCodes.Status400BadRequest);
        }

        catcher.Faults = faults;
        return Results.Json(faults);
    }

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Payments.Sandbox.{name}")
            ?? throw new InvalidOperationException($"The page {name} was not built into the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
