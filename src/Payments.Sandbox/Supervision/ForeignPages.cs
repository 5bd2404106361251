using Microsoft.Extensions.Primitives;

namespace Payments.Sandbox.Supervision;

/// <summary>
/// What listens on loopback can be reached by every web page that the machine's browser shows. Those may change nothing
/// here (browsers say where a request comes from; curl and tests say nothing), nor read anything under a name of their own
/// that they make point to 127.0.0.1.
/// </summary>
internal static class ForeignPages
{
    /// <summary>The status and the reason to refuse with; null when the request may go on.</summary>
    public static (int Status, string Reason)? Refusal(HttpRequest request) =>
        request.Host.Host is not ("localhost" or "127.0.0.1" or "[::1]")
            ? (StatusCodes.Status421MisdirectedRequest, "This is 127.0.0.1 and localhost only.")
        : !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && IsForeign(request)
            ? (StatusCodes.Status403Forbidden, "This comes from another site's page, which has no business here. (curl and pages of this very address may.)")
        : null;

    private static bool IsForeign(HttpRequest request) =>
        (request.Headers.Origin is { Count: > 0 } origin && origin != new StringValues($"{request.Scheme}://{request.Host}"))
        || (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin" && site != "none");
}
