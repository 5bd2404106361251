namespace Payments.Api.Edge.Limits;

/// <summary>
/// HEAD is answered as GET is. The server knows what it was asked and sends no body; from here on everything else sees
/// a GET, so that no action and no page has to know of it.
/// </summary>
internal sealed class HeadRequests(RequestDelegate next)
{
    private static readonly Asked Head = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
            context.Features.Set(Head);
        }

        return next(context);
    }

    /// <summary>The method that was really sent.</summary>
    public static string MethodOf(HttpContext context) => context.Features.Get<Asked>() is null ? context.Request.Method : HttpMethods.Head;

    private sealed class Asked;
}
