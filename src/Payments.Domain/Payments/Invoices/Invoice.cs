using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Invoices;

/// <summary>In the order in which an invoice goes through them; a later one never gives way to an earlier one.</summary>
public enum InvoiceStatus
{
    Draft,
    Open,
    Uncollectible,
    Void,
    Paid,
}

/// <summary>What an invoice was made for.</summary>
public enum BillingReason
{
    Other,
    SubscriptionCreate,
    SubscriptionCycle,
    SubscriptionUpdate,
}

/// <summary>A mirror of the provider's invoice. Its state only ever moves forward, so that events may come in any order.</summary>
public sealed class Invoice
{
    private string currency = "usd";
    private long subtotalMinor;
    private long discountMinor;
    private long taxMinor;
    private long totalMinor;
    private long amountDueMinor;
    private long amountPaidMinor;
    private List<InvoiceLine> lines = [];
    private List<InvoiceTax> taxes = [];
    private List<InvoiceTaxId> taxIds = [];

    private Invoice()
    {
    }

    public Invoice(InvoiceId id, UserId userId, string gatewayId, DateTimeOffset issuedAt)
    {
        Id = id;
        UserId = userId;
        GatewayId = gatewayId;
        CreatedAt = issuedAt;
    }

    public InvoiceId Id { get; private set; }

    public UserId UserId { get; private set; }

    public string GatewayId { get; private set; } = "";

    public SubscriptionId? SubscriptionId { get; private set; }

    /// <summary>The payment that settles it; null when nothing was due.</summary>
    public PaymentId? PaymentId { get; private set; }

    /// <summary>Shown to people; null while a draft.</summary>
    public string? Number { get; private set; }

    public InvoiceStatus Status { get; private set; }

    public BillingReason Reason { get; private set; }

    /// <summary>Before discount and tax. Negative when a change gave more back than it cost.</summary>
    public Money Subtotal => In(subtotalMinor);

    public Money Discount => In(discountMinor);

    public Money Tax => In(taxMinor);

    public Money Total => In(totalMinor);

    /// <summary>The total less what the customer's balance pays; never negative.</summary>
    public Money AmountDue => In(amountDueMinor);

    public Money AmountPaid => In(amountPaidMinor);

    public IReadOnlyList<InvoiceLine> Lines => lines;

    public IReadOnlyList<InvoiceTax> Taxes => taxes;

    /// <summary>The buyer's tax numbers as the invoice shows them.</summary>
    public IReadOnlyList<InvoiceTaxId> TaxIds => taxIds;

    /// <summary>How often it was tried to collect it.</summary>
    public int AttemptCount { get; private set; }

    /// <summary>The last failed try that its owner was told of.</summary>
    public int ToldAttempts { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>What it is for: the period of its subscription line that is no proration. Null for one without.</summary>
    public DateTimeOffset? PeriodStart { get; private set; }

    public DateTimeOffset? PeriodEnd { get; private set; }

    public string? HostedUrl { get; private set; }

    public string? PdfUrl { get; private set; }

    /// <summary>The intent that pays it.</summary>
    public string? IntentId { get; private set; }

    /// <summary>When the provider made it.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? PaidAt { get; private set; }

    public (DateTimeOffset Start, DateTimeOffset End)? Period => PeriodStart is { } start && PeriodEnd is { } end ? (start, end) : null;

    /// <summary>Applies the invoice's state. Answers whether it has just become paid, or failed once more.</summary>
    public InvoiceEffect Report(InvoiceReport report)
    {
        var (status, attempts) = (Status, AttemptCount);
        IntentId ??= report.IntentId;
        HostedUrl = report.HostedUrl ?? HostedUrl;
        PdfUrl = report.PdfUrl ?? PdfUrl;
        if (report.Status < status || (report.Status == status && report.AttemptCount < attempts))
        {
            return InvoiceEffect.None;
        }

        (Status, Reason, Number) = (report.Status, report.Reason, report.Number ?? Number);
        (AttemptCount, NextAttemptAt, PaidAt) = (Math.Max(report.AttemptCount, attempts), report.NextAttemptAt, report.PaidAt ?? PaidAt);
        currency = report.Total.Currency.Code;
        (subtotalMinor, discountMinor, taxMinor, totalMinor) = (report.Subtotal.Minor, report.Discount.Minor, report.Tax.Minor, report.Total.Minor);
        (amountDueMinor, amountPaidMinor) = (report.AmountDue.Minor, report.AmountPaid.Minor);
        if (!lines.SequenceEqual(report.Lines))
        {
            lines = [.. report.Lines];
        }

        if (!taxes.SequenceEqual(report.Taxes))
        {
            taxes = [.. report.Taxes];
        }

        if (!taxIds.SequenceEqual(report.TaxIds))
        {
            taxIds = [.. report.TaxIds];
        }

        var period = report.Lines.Where(l => l is { OfSubscription: true, IsProration: false }).OrderBy(l => l.PeriodEnd).LastOrDefault();
        (PeriodStart, PeriodEnd) = (period?.PeriodStart, period?.PeriodEnd);
        return status != InvoiceStatus.Paid && Status == InvoiceStatus.Paid ? InvoiceEffect.Paid
            : Status == InvoiceStatus.Open && AttemptCount > attempts && AmountDue.Minor > 0 ? InvoiceEffect.Failed
            : status != Status || attempts != AttemptCount ? InvoiceEffect.Changed
            : InvoiceEffect.None;
    }

    /// <summary>Whether a try has failed that its owner was not told of; from now on it counts as told.</summary>
    public bool TellFailure()
    {
        var untold = Status == InvoiceStatus.Open && AmountDue.Minor > 0 && AttemptCount > ToldAttempts;
        ToldAttempts = untold ? AttemptCount : ToldAttempts;
        return untold;
    }

    public void BelongsTo(SubscriptionId subscription) => SubscriptionId ??= subscription;

    public void SettledBy(PaymentId payment) => PaymentId ??= payment;

    private Money In(long minor) => new(minor, Currency.Of(currency));
}

/// <summary>What the provider says about an invoice.</summary>
/// <param name="Tax">The sum of <paramref name="Taxes"/>.</param>
public sealed record InvoiceReport(
    InvoiceStatus Status,
    BillingReason Reason,
    string? Number,
    Money Subtotal,
    Money Discount,
    Money Tax,
    Money Total,
    Money AmountDue,
    Money AmountPaid,
    int AttemptCount,
    DateTimeOffset? NextAttemptAt,
    IReadOnlyList<InvoiceLine> Lines,
    IReadOnlyList<InvoiceTax> Taxes,
    string? HostedUrl,
    string? PdfUrl,
    string? IntentId,
    DateTimeOffset? PaidAt)
{
    /// <summary>The buyer's tax numbers as the invoice shows them.</summary>
    public IReadOnlyList<InvoiceTaxId> TaxIds { get; init; } = [];
}

public enum InvoiceEffect
{
    None,
    Changed,

    /// <summary>One more try to collect it failed.</summary>
    Failed,

    /// <summary>It has just become paid.</summary>
    Paid,
}

/// <param name="PriceId">The provider's price.</param>
/// <param name="OfSubscription">For a subscription's item, not a thing sold beside it.</param>
/// <param name="IsProration">It makes up for a change within a period.</param>
public sealed record InvoiceLine(string Description, Money Amount, int Quantity, string? PriceId, bool OfSubscription, bool IsProration, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd);

/// <param name="RateId">The <see cref="TaxRate"/> that it was reckoned by; null when not told.</param>
/// <param name="Taxable">What it was reckoned of; null when not told.</param>
public sealed record InvoiceTax(string? RateId, Money Amount, Money? Taxable);

/// <param name="Kind">The provider's word for it: <c>eu_vat</c>, <c>in_gst</c>.</param>
public sealed record InvoiceTaxId(string Kind, string? Value);
