namespace Payments.Sandbox.Stripe.Pages;

/// <summary>What a person does in Stripe's Dashboard, at <c>/dashboard</c>: its script calls the controls under /sandbox/ that tests call too.</summary>
internal static class DashboardPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/dashboard", ShowAsync);

    private static async Task ShowAsync(HttpContext context)
    {
        PageHeaders.Harden(context, []);
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(
            PageTemplate.Load("dashboard.html").Render(new PageModel { ["version"] = PageAssets.Version }), context.RequestAborted);
    }
}
