using Microsoft.AspNetCore.Http.Features;
using Payments.Api.Edge.Errors;

namespace Payments.Api.Edge.Limits;

/// <summary>
/// Addresses over 8 KiB and headers over 64 KiB, or more than 100 of them, are refused here, with a problem that says so.
/// The server's own limits lie above (<see cref="KestrelLimits"/>): what it refuses itself gets a bare status.
/// </summary>
internal sealed class HeadLimit(RequestDelegate next)
{
    public const int AddressBytes = 8 * 1024;
    public const int HeaderBytes = 64 * 1024;
    public const int Headers = 100;

    public Task InvokeAsync(HttpContext context)
    {
        var status = StatusOf(context);
        return status == 0 ? next(context) : context.Response.WriteAsync(Problem.OfStatus(status), context.RequestAborted);
    }

    private static int StatusOf(HttpContext context)
    {
        if (context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length > AddressBytes)
        {
            return StatusCodes.Status414UriTooLong;
        }

        var (count, bytes) = (0, 0);
        foreach (var (name, values) in context.Request.Headers)
        {
            foreach (var value in values)
            {
                count++;
                bytes += name.Length + (value?.Length ?? 0) + 4; // ": " and the line's end.
            }
        }

        return count > Headers || bytes > HeaderBytes ? StatusCodes.Status431RequestHeaderFieldsTooLarge : 0;
    }
}
