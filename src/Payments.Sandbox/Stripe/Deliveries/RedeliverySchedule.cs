namespace Payments.Sandbox.Stripe.Deliveries;

/// <summary>Stripe's growing waits between deliveries, by the sandbox's clock and compressed on the wall's.</summary>
internal sealed class RedeliverySchedule(StripeSimulatorOptions options)
{
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(12),
    ];

    /// <summary>After this, by the sandbox's clock, Stripe gives up.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromDays(3);

    /// <summary>Null when the next attempt would come after the end.</summary>
    /// <param name="created">When the event happened.</param>
    /// <param name="attempted">When the last attempt was made.</param>
    /// <param name="attempts">How many there were, at least one.</param>
    public static DateTimeOffset? Next(DateTimeOffset created, DateTimeOffset attempted, int attempts)
    {
        var next = attempted + Wait(attempts);
        return next <= created + Lifetime ? next : null;
    }

    /// <summary>
    /// The wait on the wall clock. It never ends by itself: an endpoint that is away for a few minutes of a developer's
    /// day must not cost it events for which Stripe would have waited three days.
    /// </summary>
    public TimeSpan WallWait(int attempts)
    {
        var compressed = Wait(attempts) / options.RedeliveryCompression;
        var cap = attempts > Waits.Length * 2 ? options.RedeliveryCap * 6 : options.RedeliveryCap;
        return compressed < cap ? compressed : cap;
    }

    private static TimeSpan Wait(int attempts) => Waits[Math.Min(attempts, Waits.Length) - 1];
}
