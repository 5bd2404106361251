namespace Payments.Application.Payments.Orders;

public sealed record OrderOptions
{
    /// <summary>In which an order must be paid. <c>ORDER_EXPIRY_MINUTES</c>, default 30.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(30);
}
