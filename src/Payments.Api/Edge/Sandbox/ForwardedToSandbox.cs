using Microsoft.AspNetCore.Mvc;
using Payments.Domain.Shared;

namespace Payments.Api.Edge.Sandbox;

/// <summary>The simulator's answer to the same request, handed on.</summary>
internal sealed class ForwardedToSandbox : IActionResult
{
    // What is about the content; everything else is said by the edge itself.
    private static readonly string[] HandedOn = ["Content-Type", "Content-Security-Policy", "ETag"];

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var http = context.HttpContext;
        var sandbox = http.RequestServices.GetRequiredService<SandboxLink>();
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), http.Request.Path + http.Request.QueryString);
        if (http.Request.ContentLength is not null || http.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(http.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", (string?)http.Request.ContentType);
        }

        request.Headers.TryAddWithoutValidation("If-None-Match", (IEnumerable<string?>)http.Request.Headers.IfNoneMatch);
        using var answer = await SendAsync(sandbox.Http, request, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).Where(header => HandedOn.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            http.Response.Headers[name] = values.ToString();
        }

        http.Response.Headers.CacheControl = http.Response.Headers.ETag.Count > 0 ? "no-cache" : "no-store";
        await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException)
        {
            throw new Refusal(RefusalKind.Unavailable, "sandbox.unreachable", "The simulator does not answer at the moment.");
        }
    }
}

/// <summary>The way to the simulator. Moving the clock over a year of renewals takes its time.</summary>
internal sealed class SandboxLink(EdgeOptions edge) : IDisposable
{
    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = edge.Sandbox, Timeout = TimeSpan.FromMinutes(30) };

    public void Dispose() => Http.Dispose();
}
