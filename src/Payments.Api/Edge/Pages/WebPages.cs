namespace Payments.Api.Edge.Pages;

/// <summary>The web pages: files, the same for everyone. Whoever looks at one is known only to the calls it makes.</summary>
internal sealed class WebPages(RequestDelegate next, PageFiles files)
{
    // No script or style but our own files, no other site, no frame, no form that goes anywhere, no markup made of text.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method) && files.At(context.Request.Path) is { } file
            ? WriteAsync(context, file)
            : next(context);

    /// <summary>Kept by the browser, but asked for each time: all of a page is of one version.</summary>
    public static Task WriteAsync(HttpContext context, PageFile file)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = Policy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return file.WriteAsync(context);
    }
}
