namespace Payments.Sandbox.Supervision;

internal static class HeadRequests
{
    /// <summary>HEAD is answered as GET is; the server knows what it was asked and sends no body. To be called before anything is mapped.</summary>
    public static void UseHeadAsGet(this WebApplication app)
    {
        app.Use((http, next) =>
        {
            if (HttpMethods.IsHead(http.Request.Method))
            {
                http.Request.Method = HttpMethods.Get;
            }

            return next(http);
        });
        app.UseRouting();
    }
}
