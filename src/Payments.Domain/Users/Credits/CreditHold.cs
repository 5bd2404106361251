using Payments.Domain.Shared;

namespace Payments.Domain.Users.Credits;

public enum CreditHoldStatus
{
    Open,
    Captured,
    Released,

    /// <summary>Nobody captured or released it in time; it gave everything back by itself.</summary>
    Expired,
}

/// <summary>Credits set aside for something that is about to be done. Outlives the expiry of the lots it took from.</summary>
public sealed class CreditHold
{
    private readonly List<CreditHoldPart> parts = [];

    private CreditHold()
    {
    }

    internal CreditHold(CreditHoldId id, UserId userId, long amount, string reason, string reference, DateTimeOffset expiresAt, DateTimeOffset now, IEnumerable<(CreditLotId Lot, long Amount)> taken)
    {
        Id = id;
        UserId = userId;
        Amount = amount;
        Reason = reason;
        Reference = reference;
        ExpiresAt = expiresAt;
        CreatedAt = now;
        parts.AddRange(taken.Select((t, i) => new CreditHoldPart(id, (short)i, t.Lot, t.Amount)));
    }

    public CreditHoldId Id { get; private set; }

    public UserId UserId { get; private set; }

    public long Amount { get; private set; }

    public string Reason { get; private set; } = "";

    public string Reference { get; private set; } = "";

    public CreditHoldStatus Status { get; private set; }

    /// <summary>How much of it was spent in the end.</summary>
    public long Captured { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public IReadOnlyList<CreditHoldPart> Parts => parts;

    internal (IReadOnlyList<(CreditLotId Lot, long Amount)> Captured, IReadOnlyList<(CreditLotId Lot, long Amount)> Released) Capture(long credits, DateTimeOffset now)
    {
        RequireOpen();
        CreditRefusals.RequirePositive(credits);
        if (credits > Amount)
        {
            throw CreditRefusals.ExceedsHold(credits, Amount);
        }

        Close(CreditHoldStatus.Captured, now);
        Captured = credits;
        List<(CreditLotId, long)> spent = [], rest = [];
        foreach (var part in parts.OrderBy(p => p.Line))
        {
            var take = Math.Min(credits, part.Amount);
            credits -= take;
            if (take > 0)
            {
                spent.Add((part.LotId, take));
            }

            if (take < part.Amount)
            {
                rest.Add((part.LotId, part.Amount - take));
            }
        }

        return (spent, rest);
    }

    internal IReadOnlyList<(CreditLotId Lot, long Amount)> Release(bool expired, DateTimeOffset now)
    {
        RequireOpen();
        Close(expired ? CreditHoldStatus.Expired : CreditHoldStatus.Released, now);
        return [.. parts.Select(p => (p.LotId, p.Amount))];
    }

    private void RequireOpen()
    {
        if (Status != CreditHoldStatus.Open)
        {
            throw CreditRefusals.HoldClosed(Status);
        }
    }

    private void Close(CreditHoldStatus status, DateTimeOffset now)
    {
        Status = status;
        ClosedAt = now;
    }
}

/// <summary>What a hold took from one lot.</summary>
public sealed class CreditHoldPart
{
    private CreditHoldPart()
    {
    }

    internal CreditHoldPart(CreditHoldId holdId, short line, CreditLotId lotId, long amount)
    {
        HoldId = holdId;
        Line = line;
        LotId = lotId;
        Amount = amount;
    }

    public CreditHoldId HoldId { get; private set; }

    public short Line { get; private set; }

    public CreditLotId LotId { get; private set; }

    public long Amount { get; private set; }
}
