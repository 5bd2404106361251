namespace Payments.Application.Users.Credits;

public sealed record CreditOptions
{
    /// <summary>After this long an open hold ends by itself. <c>CREDIT_HOLD_MINUTES</c>, default 15 min.</summary>
    public TimeSpan HoldLifetime { get; init; } = TimeSpan.FromMinutes(15);
}
