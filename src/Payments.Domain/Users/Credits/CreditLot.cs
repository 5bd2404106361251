using Payments.Domain.Shared;

namespace Payments.Domain.Users.Credits;

/// <summary>Credits that came in together, with what paid for them. Spent in the order of expiry, then of age.</summary>
public sealed class CreditLot
{
    private CreditLot()
    {
    }

    internal CreditLot(CreditLotId id, UserId userId, PaymentId? paymentId, long granted, long remaining, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        Id = id;
        UserId = userId;
        PaymentId = paymentId;
        Granted = granted;
        Remaining = remaining;
        ExpiresAt = expiresAt;
        CreatedAt = now;
    }

    public CreditLotId Id { get; private set; }

    public UserId UserId { get; private set; }

    /// <summary>The payment that bought them; null for credits given.</summary>
    public PaymentId? PaymentId { get; private set; }

    public long Granted { get; private set; }

    /// <summary>Neither spent, held, expired nor used to pay debt. Never below zero.</summary>
    public long Remaining { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    internal long Take(long wanted)
    {
        var part = Math.Min(wanted, Remaining);
        Remaining -= part;
        return part;
    }

    internal long TakeAll() => Take(Remaining);

    internal void PutBack(long credits) => Remaining += credits;
}
