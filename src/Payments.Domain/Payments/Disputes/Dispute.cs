using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Disputes;

/// <summary>In the order in which a dispute can move: never back. An inquiry (warning) takes no money; it may become a dispute.</summary>
public enum DisputeStatus
{
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,

    /// <summary>Settled before it took any money.</summary>
    Prevented,
    Lost,

    /// <summary>After a loss too: a bank may change its mind.</summary>
    Won,
}

/// <summary>A buyer's bank wants a payment back. Changed only under its payment's row lock.</summary>
public sealed class Dispute
{
    /// <summary>How long one that is not decided may be silent before the provider is asked: a word of it may be lost.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromDays(1);

    private long amountMinor;
    private long feeMinor;
    private string currency = "usd";
    private string feeCurrency = "usd";

    private Dispute()
    {
    }

    /// <summary>Its status comes with the first <see cref="Report"/>.</summary>
    public Dispute(DisputeId id, PaymentId paymentId, string gatewayId, string? chargeId, bool ofSurplus, Money amount, string reason, DateTimeOffset createdAt)
    {
        Id = id;
        PaymentId = paymentId;
        GatewayId = gatewayId;
        ChargeId = chargeId;
        OfSurplus = ofSurplus;
        amountMinor = amount.Minor;
        currency = amount.Currency.Code;
        feeCurrency = currency;
        Reason = reason;
        CreatedAt = createdAt;
    }

    public DisputeId Id { get; private set; }

    public PaymentId PaymentId { get; private set; }

    public string GatewayId { get; private set; } = "";

    public string? ChargeId { get; private set; }

    public Money Amount => new(amountMinor, Currency.Of(currency));

    /// <summary>About money that was never this payment's price (it was paid twice), so it takes nothing of what was bought.</summary>
    public bool OfSurplus { get; private set; }

    /// <summary>The provider's charge for having been disputed, in the currency of our account with it.</summary>
    public Money Fee => new(feeMinor, Currency.Of(feeCurrency));

    public DisputeStatus Status { get; private set; }

    /// <summary>The bank's, in the provider's word: <c>fraudulent</c>, <c>product_not_received</c>.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Until when evidence is taken; null when there is nothing to answer.</summary>
    public DateTimeOffset? EvidenceDueBy { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>When the provider is to be asked, should no word have come; null once it is decided.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>The bank has the money, and it is not decided who keeps it.</summary>
    public bool IsOpen => Status is DisputeStatus.NeedsResponse or DisputeStatus.UnderReview;

    /// <summary>It took money, whoever has it now.</summary>
    public bool TookMoney => Status is DisputeStatus.NeedsResponse or DisputeStatus.UnderReview or DisputeStatus.Lost or DisputeStatus.Won;

    public bool IsInquiry => Status <= DisputeStatus.WarningClosed;

    /// <summary>What the provider says of it, in any order and any number of times.</summary>
    /// <param name="fee">The most that it was ever said to cost.</param>
    /// <returns>Whether it moved.</returns>
    public bool Report(DisputeStatus status, Money amount, Money? fee, DateTimeOffset? evidenceDueBy, DateTimeOffset now)
    {
        if (fee is { } cost && cost.Minor > feeMinor)
        {
            (feeMinor, feeCurrency) = (cost.Minor, cost.Currency.Code);
        }

        if (status >= Status)
        {
            // An inquiry that becomes a dispute is about what has not been refunded meanwhile.
            (amountMinor, currency) = (amount.Minor, amount.Currency.Code);
            EvidenceDueBy = evidenceDueBy ?? EvidenceDueBy;
        }

        var moved = status > Status;
        if (moved)
        {
            Status = status;
            ClosedAt = status is DisputeStatus.WarningClosed or DisputeStatus.Prevented or DisputeStatus.Lost or DisputeStatus.Won ? now : null;
        }

        TakenUp(now);
        return moved;
    }

    /// <summary>It is being looked at, or was heard of; if that comes to nothing, again after a while.</summary>
    public void TakenUp(DateTimeOffset now) => DueAt = ClosedAt is null ? now + Silence : null;
}
