using System.Net;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>What a person finds at the simulator's bare address: what this is, and how to make it do things.</summary>
internal static class FrontPage
{
    private static readonly string Html = PageAssets.Text("front.html");

    /// <param name="address">Without a last slash.</param>
    public static IResult Show(HttpContext http, string address, StripeSimulatorOptions options)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var mail = options.MailPage is { } page ? $"<a href=\"{WebUtility.HtmlEncode(page.AbsoluteUri)}\">the mails it led to</a>" : "the mail page of <code>./run</code>";
        var panel = options.ApiBase is { } api ? $"<p>They are buttons on <a href=\"{WebUtility.HtmlEncode(new Uri(api, "/sandbox").AbsoluteUri)}\">the API's sandbox page</a>; for curl:</p>" : "";
        return Results.Content(
            Html.Replace("{{address}}", address, StringComparison.Ordinal).Replace("{{version}}", options.ApiVersion, StringComparison.Ordinal).Replace("{{mail}}", mail, StringComparison.Ordinal).Replace("{{panel}}", panel, StringComparison.Ordinal),
            "text/html; charset=utf-8");
    }
}
