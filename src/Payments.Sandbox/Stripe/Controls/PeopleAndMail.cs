using System.Globalization;
using System.Text.Json;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Stripe.Controls;

/// <summary>
/// Who there is to sign in as, and the mail they got. Neither is Stripe's; but the simulator is whom the API knows, and
/// through it the sandbox page.
/// </summary>
internal sealed class PeopleAndMail(Func<Uri> address, StripeSimulatorOptions options) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public void Map(WebApplication app)
    {
        app.MapGet("/sandbox/users", () => Results.Json(options.People, JsonSerializerOptions.Web));
        app.MapGet("/sandbox/addresses", () => Results.Json(new { stripe = Bare(address()), mail = Bare(options.MailPage) }));
        app.MapGet("/sandbox/mail", context => ForwardAsync(context, "messages" + context.Request.QueryString));
        app.MapDelete("/sandbox/mail", context => ForwardAsync(context, "messages"));
        app.MapGet("/sandbox/mail/{id:long}/html", (HttpContext context, long id) => ForwardAsync(context, $"messages/{id.ToString(CultureInfo.InvariantCulture)}/html"));
    }

    public void Dispose() => http.Dispose();

    private static string? Bare(Uri? uri) => uri?.GetLeftPart(UriPartial.Authority);

    private async Task ForwardAsync(HttpContext context, string path)
    {
        if (options.MailPage is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(options.MailPage, path));
        request.Headers.TryAddWithoutValidation("If-None-Match", (IEnumerable<string?>)context.Request.Headers.IfNoneMatch);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).Where(header => header.Key is "Content-Type" or "Content-Security-Policy" or "ETag"))
        {
            context.Response.Headers[name] = values.ToString();
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
