namespace Payments.Sandbox.Stripe.Pages;

/// <summary>The control panel at <c>/sandbox/panel</c>: its script calls the controls under /sandbox/ that tests call too.</summary>
internal static class PanelPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/sandbox/panel", ShowAsync);

    private static async Task ShowAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(
            PageTemplate.Load("panel.html").Render(new PageModel { ["version"] = PageAssets.Version }), context.RequestAborted);
    }
}
