namespace Payments.Sandbox.Stripe.State;

/// <summary>The wall clock plus an offset that only grows.</summary>
internal sealed class SandboxClock(TimeProvider wall)
{
    private long offsetTicks;

    public TimeSpan Offset => new(Interlocked.Read(ref offsetTicks));

    public DateTimeOffset Wall => wall.GetUtcNow();

    public DateTimeOffset Now => wall.GetUtcNow() + Offset;

    /// <summary>The caller sees to it that it does not shrink.</summary>
    public void SetOffset(TimeSpan offset) => Interlocked.Exchange(ref offsetTicks, offset.Ticks);
}
