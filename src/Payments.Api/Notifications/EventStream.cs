using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge.Limits;
using Payments.Application.Notifications;

namespace Payments.Api.Notifications;

/// <summary>
/// Writes a live stream as server-sent events until the caller leaves, the token or the longest time is over, or the
/// process stops. Pages read it by fetch, since EventSource sends no bearer.
/// </summary>
internal sealed class EventStream(LiveStream stream, Func<CancellationToken, Task<long>> credits) : IActionResult
{
    public const string ContentType = "text/event-stream";

    /// <summary>Shorter than what proxies allow a silent connection.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private long? shown;

    public async Task ExecuteResultAsync(ActionContext context)
    {
        using var _ = stream;
        var http = context.HttpContext;
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = ContentType;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        if (HttpMethods.IsHead(HeadRequests.MethodOf(http)))
        {
            return;
        }

        var stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        over.CancelAfter(TimeLeft(http.User));
        try
        {
            await WriteAsync(http.Response, over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The end that every stream comes to.
        }
    }

    private async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await response.WriteAsync("retry: 2000\n\n", cancellationToken);
        await WriteCreditsAsync(response, cancellationToken);
        while (true)
        {
            await response.Body.FlushAsync(cancellationToken);
            if (!await HearsInTimeAsync(cancellationToken))
            {
                await response.WriteAsync(": still here\n\n", cancellationToken);
                continue;
            }

            while (stream.Events.TryRead(out var live))
            {
                await (live.Kind == "credits" ? WriteCreditsAsync(response, cancellationToken) : WriteAsync(response, live.Kind, live.Data, cancellationToken));
            }
        }
    }

    private async Task<bool> HearsInTimeAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Heartbeat);
        try
        {
            return await stream.Events.WaitToReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Read now rather than told: whatever order hints come in, the last number is the right one.</summary>
    private async Task WriteCreditsAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var now = await credits(cancellationToken);
        if (now != shown)
        {
            shown = now;
            await WriteAsync(response, "credits", JsonSerializer.Serialize(new { credits = now }), cancellationToken);
        }
    }

    private static Task WriteAsync(HttpResponse response, string kind, string data, CancellationToken cancellationToken) =>
        response.WriteAsync($"event: {kind}\ndata: {data}\n\n", cancellationToken);

    // Token lifetimes are wall time.
    private static TimeSpan TimeLeft(ClaimsPrincipal user)
    {
        var left = long.TryParse(user.FindFirstValue("exp"), CultureInfo.InvariantCulture, out var expires) ? DateTimeOffset.FromUnixTimeSeconds(expires) - TimeProvider.System.GetUtcNow() : Longest;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest;
    }
}
