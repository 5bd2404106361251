namespace Payments.Sandbox.Stripe.State;

/// <summary>The wall clock plus an offset that only grows.</summary>
internal sealed class SandboxClock(TimeProvider wall)
{
    private long offsetTicks;

    public TimeSpan Offset => new(Interlocked.Read(ref offsetTicks));

    public DateTimeOffset Wall => wall.GetUtcNow();

    public DateTimeOffset Now => wall.GetUtcNow() + Offset;

    public void Restore(TimeSpan offset) => Interlocked.Exchange(ref offsetTicks, offset.Ticks);

    /// <summary>Sets the clock to a time that is not before its own.</summary>
    public void MoveTo(DateTimeOffset time) => Restore(time - wall.GetUtcNow());
}
