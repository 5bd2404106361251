using Payments.Domain.Shared;

namespace Payments.Domain.Users.Credits;

/// <summary>
/// Credits that came in together, with what paid for them. Spent in the order of expiry, then of age. What was granted
/// is at any time: remaining, frozen, expired, taken back, gone into debts, and the rest spent or in holds.
/// </summary>
public sealed class CreditLot
{
    private CreditLot()
    {
    }

    internal CreditLot(CreditLotId id, UserId userId, PaymentId? paymentId, long granted, long paidDebt, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        Id = id;
        UserId = userId;
        PaymentId = paymentId;
        Granted = granted;
        PaidDebt = paidDebt;
        Remaining = granted - paidDebt;
        ExpiresAt = expiresAt;
        CreatedAt = now;
    }

    public CreditLotId Id { get; private set; }

    public UserId UserId { get; private set; }

    /// <summary>The payment that bought them; null for credits given.</summary>
    public PaymentId? PaymentId { get; private set; }

    public long Granted { get; private set; }

    /// <summary>Can be spent. Never below zero.</summary>
    public long Remaining { get; private set; }

    /// <summary>Held while the payment is disputed.</summary>
    public long Frozen { get; private set; }

    /// <summary>How much should be; there may not be so much left.</summary>
    public long FreezeTarget { get; private set; }

    /// <summary>Lost to time, and not counted as taken back.</summary>
    public long Expired { get; private set; }

    /// <summary>Taken back while they were there.</summary>
    public long TakenBack { get; private set; }

    /// <summary>Expired, and counted as taken back.</summary>
    public long ExpiredTakenBack { get; private set; }

    /// <summary>Wanted back and not there any more: in the user's debt, or paid for by other lots since.</summary>
    public long Owed { get; private set; }

    /// <summary>Wanted back and not there any more: let go.</summary>
    public long Forgiven { get; private set; }

    /// <summary>What of this lot went into its owner's debt.</summary>
    public long PaidDebt { get; private set; }

    /// <summary>All that was taken back, one way or another: the refunded share of what was granted, to the unit.</summary>
    public long Returned => TakenBack + ExpiredTakenBack + Owed + Forgiven;

    public DateTimeOffset? ExpiresAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    internal LotAmounts Amounts => new(Remaining, Frozen, Expired, Returned, Owed, Forgiven, PaidDebt);

    internal long Take(long wanted)
    {
        var part = Math.Min(wanted, Remaining);
        Remaining -= part;
        return part;
    }

    internal long Expire()
    {
        var left = Take(Remaining);
        Expired += left;
        return left;
    }

    internal void PutBack(long credits) => Remaining += credits;

    internal long PayDebt(long debt)
    {
        var part = Take(debt);
        PaidDebt += part;
        return part;
    }

    internal long TakeBackFromDebt(long surplus)
    {
        var part = Math.Min(surplus, PaidDebt);
        PaidDebt -= part;
        Remaining += part;
        return part;
    }

    /// <summary>What would not be there any more if so much were taken back.</summary>
    internal long Missing(long returned) => Math.Max(0, returned - (Remaining + Frozen + TakenBack) - (Expired + ExpiredTakenBack));

    /// <summary>
    /// Divides what is to be taken back among what is left, what has expired and what was spent, always in this order,
    /// so that the outcome does not depend on which of refund, expiry and release came first.
    /// </summary>
    /// <param name="returned">Everything that is to be taken back by now.</param>
    /// <param name="frozen">What is to be held besides.</param>
    internal void Divide(long returned, long frozen, bool forgive, DateTimeOffset now)
    {
        var left = Remaining + Frozen + TakenBack;
        var lapsed = Expired + ExpiredTakenBack;
        var more = Missing(returned) - Owed - Forgiven;

        TakenBack = Math.Min(returned, left);
        ExpiredTakenBack = Math.Min(returned - TakenBack, lapsed);
        if (more > 0)
        {
            (Owed, Forgiven) = forgive ? (Owed, Forgiven + more) : (Owed + more, Forgiven);
        }
        else
        {
            var forgiven = Math.Min(-more, Forgiven);
            (Owed, Forgiven) = (Owed + more + forgiven, Forgiven - forgiven);
        }

        FreezeTarget = frozen;
        Frozen = Math.Min(frozen, left - TakenBack);
        Remaining = left - TakenBack - Frozen;
        Expired = lapsed - ExpiredTakenBack;
        if (IsExpired(now))
        {
            Expire();
        }
    }
}

/// <summary>A lot's parts that the ledger keeps accounts of.</summary>
internal readonly record struct LotAmounts(long Remaining, long Frozen, long Expired, long Returned, long Owed, long Forgiven, long PaidDebt);
