namespace Payments.Sandbox.Stripe.Pages;

/// <summary>What every page says to the browser: nothing from elsewhere, nothing kept, nobody's frame.</summary>
internal static class PageHeaders
{
    // form-action also judges where the answer to a form redirects to, so the shop's own addresses belong in it.
    public static void Harden(HttpContext context, IEnumerable<string?> targets)
    {
        var formTargets = string.Join(' ', targets.Select(PageUrl.SourceOf).OfType<string>().Prepend("'self'").Distinct(StringComparer.Ordinal));
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action {formTargets}; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}
