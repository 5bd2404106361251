using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using Payments.Sandbox.Stripe.Deliveries;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Controls;

/// <summary>
/// Moves the sandbox's time, and lets it tick. A move goes from due thing to due thing: at each the API's clock first,
/// then ours, then what is due, then its webhooks, then rest; so that nothing is seen by a clock that is ahead of it.
/// </summary>
internal sealed partial class ClockControl(
    Engine engine, WebhookDeliveries deliveries, ApiLink api, StripeSimulatorOptions options, ILogger<ClockControl> log) : IDisposable
{
    private static readonly TimeSpan Furthest = TimeSpan.FromDays(3660);
    private static readonly TimeSpan Drift = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Held by a move; the ticker runs nothing while it goes on.</summary>
    private readonly SemaphoreSlim moving = new(1, 1);

    /// <summary>
    /// Which offset to move to, from <c>{ "advance": "PT1H" }</c> or <c>{ "to": "2026-…Z" }</c>. Offsets rather than times:
    /// the wall clock ticks on meanwhile, and an hour forward is to be an hour.
    /// </summary>
    private TimeSpan Target(string? advance, string? to)
    {
        if ((advance is null) == (to is null))
        {
            throw new ControlException("Send exactly one of advance (an ISO 8601 duration) and to (an ISO 8601 time).");
        }

        var now = engine.Clock.Now;
        var target = advance is not null ? After(now, advance) : Time(to!);
        if (target < now)
        {
            throw new ControlException($"{(advance is null ? "to" : "advance")} goes backwards: it is {now.UtcDateTime:O} already.");
        }

        return target - now <= Furthest
            ? engine.Clock.Offset + (target - now)
            : throw new ControlException($"{(advance is null ? "to" : "advance")} goes too far: at most {Furthest.TotalDays} days at once.");
    }

    /// <summary>Goes on to its end even if the caller goes away: half a move would leave two clocks.</summary>
    public async Task MoveAsync(string? advance, string? to)
    {
        var ct = CancellationToken.None;
        await moving.WaitAsync(ct);
        try
        {
            var target = Target(advance, to);
            while (await NextDueAsync(ct) is { } next && next - engine.Clock.Wall is var offset && offset <= target)
            {
                await StepAsync(offset, ct);
            }

            await StepAsync(target, ct);
        }
        finally
        {
            moving.Release();
        }
    }

    /// <summary>One tick of the background: runs and sends what the passing of time has made due.</summary>
    public void Tick()
    {
        deliveries.SendDue();
        if (!moving.Wait(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            RunDue();
        }
        catch (Exception broken)
        {
            // The ticker must outlive whatever went wrong with one item; it was taken off the list.
            LogBroken(broken);
        }
        finally
        {
            moving.Release();
        }
    }

    public void Dispose() => moving.Dispose();

    private async Task StepAsync(TimeSpan wanted, CancellationToken ct)
    {
        // What fell due while the last step came to rest is behind the clock already, which never goes back.
        var offset = wanted > engine.Clock.Offset ? wanted : engine.Clock.Offset;
        var wall = engine.Clock.Wall;
        var its = await api.MoveClockAsync(wall + offset, options.ClockStepTimeout, ct) - wall;

        // An API that is far ahead heard of a move that we were cut off from: we follow, for time never goes back.
        offset = its > offset + Drift ? its : offset;
        engine.Record(change =>
        {
            engine.Clock.SetOffset(offset);
            change.ClockOffset = offset;
        });
        RunDue();
        deliveries.SendDue();
        await RestAsync(ct);
    }

    private async Task RestAsync(CancellationToken ct)
    {
        var deadline = engine.Clock.Wall + options.ClockStepTimeout;
        while (true)
        {
            var busy = Busy() ?? await api.BusyAsync(options.ClockStepTimeout, ct) ?? Busy();
            if (busy is null)
            {
                return;
            }

            if (engine.Clock.Wall > deadline)
            {
                throw new ControlException($"Not at rest after {options.ClockStepTimeout.TotalSeconds:0} s: {busy}", StatusCodes.Status504GatewayTimeout);
            }

            await Task.Delay(Poll, ct);
        }
    }

    private string? Busy() => deliveries.Outstanding is > 0 and var count ? $"{count} webhook deliveries are on their way." : null;

    /// <summary>The provider's own next thing, a delivery's next try, or the API's: a grace period that ends between two of ours ends at its own time.</summary>
    private async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct) =>
        new[] { engine.Read(store => store.NextDue?.At), deliveries.NextDue(), await api.NextDueAsync(options.ClockStepTimeout, ct) }.Min();

    private void RunDue()
    {
        while (engine.RunNextDue(DueWork.Run))
        {
            // Each in its own change, in the order of their times.
        }
    }

    /// <summary>Years and months are the calendar's: a month after the 31st of January is the last day of February.</summary>
    private static DateTimeOffset After(DateTimeOffset now, string text)
    {
        try
        {
            var parts = YearsAndMonths().Match(text);
            var months = (12 * Count(parts.Groups["years"])) + Count(parts.Groups["months"]);
            var rest = parts.Success ? "P" + parts.Groups["rest"].Value : text;
            return now.AddMonths(months) + (months > 0 && rest == "P" ? TimeSpan.Zero : XmlConvert.ToTimeSpan(rest));
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            throw new ControlException($"advance is no ISO 8601 duration such as PT1H, P30D or P1M: {text}");
        }
    }

    private static int Count(Group digits) => digits.Success ? int.Parse(digits.Value, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : throw new ControlException($"to is no ISO 8601 time such as 2026-12-24T18:00:00Z: {text}");

    [GeneratedRegex("^P(?:(?<years>[0-9]{1,4})Y)?(?:(?<months>[0-9]{1,5})M)?(?<rest>(?:[0-9]+D)?(?:T.+)?)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex YearsAndMonths();

    [LoggerMessage(Level = LogLevel.Error, Message = "A due item broke and was dropped.")]
    private partial void LogBroken(Exception exception);
}
