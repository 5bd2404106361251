namespace Payments.Sandbox.Stripe.Pages;

/// <summary>The control panel at <c>/sandbox/panel</c>: its script calls the controls under /sandbox/ that tests call too.</summary>
internal static class PanelPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/sandbox/panel", ShowAsync);

    private static async Task ShowAsync(HttpContext context)
    {
        PageHeaders.Harden(context, []);
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(
            PageTemplate.Load("panel.html").Render(new PageModel { ["version"] = PageAssets.Version }), context.RequestAborted);
    }
}
