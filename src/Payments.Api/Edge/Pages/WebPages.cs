namespace Payments.Api.Edge.Pages;

/// <summary>The web pages: files, the same for everyone. Whoever looks at one is known only to the calls it makes.</summary>
internal sealed class WebPages(RequestDelegate next, PageFiles files)
{
    // No script or style but our own files, no other site, no form that goes anywhere, no markup made of text, and in a
    // frame (the sandbox shows its mail in one) only what comes from here.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method) && files.At(context.Request.Path) is { } file
            ? WriteAsync(context, file)
            : next(context);

    /// <summary>A person who followed a wrong link, as opposed to a program that called a wrong address.</summary>
    public static bool IsLost(HttpContext context) =>
        context.Response.StatusCode == StatusCodes.Status404NotFound
        && HttpMethods.IsGet(context.Request.Method)
        && !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

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
