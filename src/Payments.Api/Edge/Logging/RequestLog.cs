using System.Diagnostics;
using Payments.Api.Edge.Errors;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Limits;

namespace Payments.Api.Edge.Logging;

/// <summary>
/// One line a request, with its trace id; never a query, a body or a secret part of a path. Stands in for the
/// framework's own lines, which write raw addresses down. Webhooks are counted by their own meters instead.
/// </summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // With an exporter the framework has begun a span already; without one, the logs still want a trace id.
        using var span = Activity.Current is null ? Begin(context.Request) : null;
        var began = Stopwatch.GetTimestamp();
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var path = PathMask.Of(context.Request.Path.Value ?? "");
        try
        {
            await next(context);
        }
        finally
        {
            Log(context, path, route, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    private void Log(HttpContext context, string path, string? route, double milliseconds)
    {
        // A page is worth a line, the files it is made of are not.
        var quiet = context.Response.StatusCode < 400 && (path.StartsWith("/health", StringComparison.Ordinal) || (route is null && Path.GetExtension(path) is not ("" or ".html")));
        if (!quiet)
        {
            Answered(
                HeadRequests.MethodOf(context),
                path,
                route,
                context.Response.StatusCode,
                Math.Round(milliseconds, 1),
                context.Features.Get<ProblemFeature>()?.Problem.Code,
                UserIds.Of(context.User)?.Value);
        }
    }

    private static Activity Begin(HttpRequest request)
    {
        var span = new Activity("http");
        if (ProblemWriter.CallersTrace(request) is { } remote)
        {
            span.SetParentId(remote.TraceId, remote.SpanId, remote.TraceFlags);
        }

        return span.Start();
    }

    [LoggerMessage(1, LogLevel.Information, "{Method} {Path} answered {Status} in {Milliseconds} ms; route {Route}, code {Code}, user {UserId}")]
    private partial void Answered(string method, string path, string? route, int status, double milliseconds, string? code, Guid? userId);
}
