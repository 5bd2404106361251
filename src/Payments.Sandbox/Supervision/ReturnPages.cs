namespace Payments.Sandbox.Supervision;

/// <summary>Where a buyer comes back to from the hosted page, as long as no web app is there to be come back to.</summary>
internal static class ReturnPages
{
    public const string Success = "/checkout/success";
    public const string Cancel = "/checkout/cancel";

    public static void Map(WebApplication app)
    {
        app.MapGet(Success, (HttpContext http) => Page(http, "Payment received", "This is where your web app's success page would be. It asks the API for the session, which verifies it with Stripe and grants what was paid; the webhook does the same, whichever comes first."));
        app.MapGet(Cancel, (HttpContext http) => Page(http, "Nothing was paid", "This is where your web app's cancel page would be. The session stays open until it expires."));
    }

    private static IResult Page(HttpContext http, string title, string words)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return Results.Content(
            $$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
            <title>{{title}} · Payments sandbox</title>
            <style>body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem }</style></head>
            <body><main><h1>{{title}}</h1><p>{{words}}</p><p><a href="/">See the mail it sent</a></p></main></body></html>
            """,
            "text/html; charset=utf-8");
    }
}
