using System.Collections.Immutable;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Charges;

/// <summary>
/// One purchase and what became of its money. The row is the lock under which everything about it happens.
/// </summary>
public sealed class Payment
{
    private static readonly TimeSpan UntilFirstCheck = TimeSpan.FromMinutes(1);

    /// <summary>Before the provider is asked, by how often it was asked already; the last one from then on.</summary>
    private static readonly ImmutableArray<int> MinutesOfSilence = [2, 6, 18, 54, 162, 486, 1458];

    /// <summary>Longer than the provider takes over one request, with every retry of it: only then is a request that left no trace given up.</summary>
    private static readonly TimeSpan LongestSending = TimeSpan.FromMinutes(3);

    /// <summary>So often an intent is asked for that its buyer has left lying: about a month.</summary>
    private const int MostChecksOfAnOpenIntent = 35;

    private long amountMinor;
    private long unitPriceMinor;
    private string currency = "usd";
    private long discountMinor;
    private long taxMinor;
    private long? totalMinor;
    private long? mismatchMinor;
    private long? mismatchTotalMinor;
    private string? mismatchCurrency;

    private Payment()
    {
    }

    private Payment(PaymentId id, UserId userId, PaymentFlow flow, PaymentTerms terms, DateTimeOffset now)
    {
        Id = id;
        UserId = userId;
        Flow = flow;
        Kind = terms.Kind;
        CreditPackId = terms.CreditPackId;
        Description = terms.Description;
        Quantity = terms.Quantity;
        unitPriceMinor = terms.UnitPrice.Minor;
        amountMinor = terms.Subtotal.Minor;
        currency = terms.UnitPrice.Currency.Code;
        Credits = terms.Credits;
        CreditsExpireAfterDays = terms.CreditsExpireAfterDays;
        RefundPolicy = terms.RefundPolicy;
        PlanId = terms.PlanId;
        TrialDays = terms.TrialDays;
        ItemId = terms.ItemId;
        OrderId = terms.OrderId;
        AccessType = terms.Access?.Type;
        AccessId = terms.Access?.Id;
        RefundWindowDays = terms.RefundWindowDays;
        CreatedAt = now;
    }

    public PaymentId Id { get; private set; }

    public UserId UserId { get; private set; }

    public PaymentFlow Flow { get; private set; }

    public PaymentKind Kind { get; private set; }

    public PaymentStatus Status { get; private set; }

    /// <summary>Agreed with the buyer, before discount and tax.</summary>
    public Money Amount => new(amountMinor, Currency.Of(currency));

    public Money UnitPrice => new(unitPriceMinor, Currency.Of(currency));

    public int Quantity { get; private set; }

    /// <summary>What was really taken, after discount and tax; null until known.</summary>
    public Money? Total => totalMinor is { } minor ? new Money(minor, Currency.Of(currency)) : null;

    public Money Discount => new(discountMinor, Currency.Of(currency));

    public Money Tax => new(taxMinor, Currency.Of(currency));

    /// <summary>On its way back or back with the buyer, as the provider says.</summary>
    public Money Refunded => new(RefundedMinor, Currency.Of(currency));

    /// <summary>Promised to refunds that the provider has not taken yet.</summary>
    public Money RefundsRequested => new(RefundsRequestedMinor, Currency.Of(currency));

    /// <summary>Taken back by the buyer's bank for as long as a dispute is open.</summary>
    public Money Disputed => new(DisputedMinor, Currency.Of(currency));

    /// <summary>Taken by disputes that were lost.</summary>
    public Money Lost => new(LostMinor, Currency.Of(currency));

    private long RefundedMinor { get; set; }

    private long RefundsRequestedMinor { get; set; }

    private long DisputedMinor { get; set; }

    private long LostMinor { get; set; }

    /// <summary>What has come in.</summary>
    public Money Paid => IsPaid ? Total ?? Amount : Money.Zero(Currency.Of(currency));

    /// <summary>What has gone back or is promised, to the buyer or the buyer's bank: never more than was paid.</summary>
    public Money Reversed => new(Math.Min(Paid.Minor, RefundedMinor + RefundsRequestedMinor + LostMinor), Currency.Of(currency));

    public Money Refundable => Paid - Reversed;

    /// <summary>Refunds or disputes are known of it, perhaps from before it was known to be paid.</summary>
    public bool HasReversals => RefundedMinor + RefundsRequestedMinor + DisputedMinor + LostMinor > 0;

    public string Description { get; private set; } = "";

    public CreditPackId? CreditPackId { get; private set; }

    public PlanId? PlanId { get; private set; }

    /// <summary>Before the plan's first charge; 0 for none.</summary>
    public int TrialDays { get; private set; }

    public SubscriptionId? SubscriptionId { get; private set; }

    public ItemId? ItemId { get; private set; }

    public OrderId? OrderId { get; private set; }

    /// <summary>Of <see cref="Access"/>, to be looked for.</summary>
    public string? AccessType { get; private set; }

    /// <summary>Of <see cref="Access"/>, to be looked for.</summary>
    public string? AccessId { get; private set; }

    /// <summary>What it gives access to once it is paid; null: nothing.</summary>
    public ResourceReference? Access => AccessType is null ? null : new ResourceReference(AccessType, AccessId!);

    /// <summary>Days after payment in which its buyer may give it back without asking.</summary>
    public int? RefundWindowDays { get; private set; }

    /// <summary>At this very moment the buyer's own right to a refund is over; null: there is none.</summary>
    public DateTimeOffset? RefundableUntil => RefundWindowDays is { } days && Undelivered is null ? CompletedAt + TimeSpan.FromDays(days) : null;

    /// <summary>It was paid and bought nothing; what came in goes back.</summary>
    public UndeliveredReason? Undelivered { get; private set; }

    /// <summary>Its buyer has something by it: it was paid, and neither given back nor for nothing.</summary>
    public bool Stands => IsPaid && Undelivered is null && Status is PaymentStatus.Succeeded or PaymentStatus.PartiallyRefunded or PaymentStatus.Disputed;

    /// <summary>How the access stands that it bought; null when it bought none.</summary>
    public AccessState? AccessState => !IsPaid || Access is null || Undelivered is not null ? null : Status switch
    {
        PaymentStatus.Disputed => Shared.AccessState.Paused,
        PaymentStatus.Refunded or PaymentStatus.Lost => Shared.AccessState.Revoked,
        _ => Shared.AccessState.Given,
    };

    /// <summary>What was paid instead of what was agreed; null: nothing.</summary>
    public Mismatch? Mismatch => mismatchMinor is { } minor && Currency.Of(mismatchCurrency!) is var theirs
        ? new Mismatch(new Money(minor, theirs), new Money(mismatchTotalMinor ?? minor, theirs), MismatchIntentId, MismatchDecision)
        : null;

    private string? MismatchIntentId { get; set; }

    private MismatchDecision? MismatchDecision { get; set; }

    /// <summary>Another amount than agreed was paid, and nobody has said yet what becomes of it.</summary>
    public bool AwaitsDecision => mismatchMinor is not null && MismatchDecision is null;

    /// <summary>The provider's id of the invoice that it settles.</summary>
    public string? InvoiceId { get; private set; }

    /// <summary>Credits that it grants once paid.</summary>
    public long Credits { get; private set; }

    public int? CreditsExpireAfterDays { get; private set; }

    public RefundPolicy RefundPolicy { get; private set; }

    public string? PromotionCode { get; private set; }

    /// <summary>The caller's Idempotency-Key, by which a retry finds what its predecessor saved.</summary>
    public string? RequestKey { get; private set; }

    /// <summary>The saved card that is charged as soon as the provider hears of the purchase; null: its buyer confirms it on a page.</summary>
    public string? PaymentMethodId { get; private set; }

    /// <summary>When its caller last asked for the card to be charged.</summary>
    private DateTimeOffset? ChargeAskedAt { get; set; }

    public string? SessionId { get; private set; }

    public string? SessionUrl { get; private set; }

    public DateTimeOffset? SessionExpiresAt { get; private set; }

    public string? IntentId { get; private set; }

    public string? ChargeId { get; private set; }

    public string? FailureCode { get; private set; }

    /// <summary>May be shown to the buyer.</summary>
    public string? FailureMessage { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When it failed, expired or was canceled; null while nothing of that is so.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>When to ask the provider, should no event have come; null when there is nothing to ask, or nobody is expected to pay any more.</summary>
    public DateTimeOffset? NextCheckAt { get; private set; }

    /// <summary>How often it was asked, since it last moved after having been given up.</summary>
    public int Checks { get; private set; }

    /// <summary>The row's version, to tell whether anything happened between a fetch and its application.</summary>
    public uint Version { get; private set; }

    /// <summary>Money has come in, whatever became of it later.</summary>
    public bool IsPaid => CompletedAt is not null;

    /// <summary>Nothing more can come of it.</summary>
    public bool IsOver => Status is PaymentStatus.Canceled or PaymentStatus.Expired || IsPaid;

    /// <summary>The hosted page on which its buyer may go on paying; null when there is none, or it has closed.</summary>
    public string? OpenPage(DateTimeOffset now) => !IsOver && Status != PaymentStatus.Processing && SessionId is not null && SessionExpiresAt > now ? SessionUrl : null;

    /// <summary>The provider has something that stands for it, as far as we know.</summary>
    public bool IsOpened => SessionId is not null || IntentId is not null || SubscriptionId is not null;

    /// <summary>It never came to anything at the provider, and will not any more; the failure says why.</summary>
    public bool IsNeverOpened => Status is PaymentStatus.Failed or PaymentStatus.Canceled && !IsOpened;

    /// <summary>Somebody may be paying it, or could.</summary>
    public bool IsPayable(DateTimeOffset now) => !IsOver && !AwaitsDecision && Status switch
    {
        PaymentStatus.Failed when Flow == PaymentFlow.Checkout => SessionId is not null && SessionExpiresAt > now,
        PaymentStatus.Failed => IntentId is not null,
        _ => true,
    };

    public static Payment Open(
        PaymentId id, UserId userId, PaymentFlow flow, PaymentTerms terms, string? promotionCode, string? requestKey, string? paymentMethodId, DateTimeOffset? sessionExpiresAt, DateTimeOffset now) =>
        new(id, userId, flow, terms, now)
        {
            PromotionCode = promotionCode,
            RequestKey = requestKey,
            PaymentMethodId = paymentMethodId,
            SessionExpiresAt = sessionExpiresAt,
            NextCheckAt = now + UntilFirstCheck,
        };

    /// <summary>A payment that the provider began by itself.</summary>
    public static Payment ForInvoice(PaymentId id, Subscription subscription, Invoice invoice, AgreedPlan? plan, DateTimeOffset now) =>
        new(id, invoice.UserId, PaymentFlow.Invoice, new PaymentTerms(PaymentKind.Subscription, null, Describe(invoice, plan), invoice.Subtotal, 1, 0, plan?.Terms.CreditsExpireAfterDays, plan?.Terms.RefundPolicy ?? RefundPolicy.Debt) { PlanId = plan?.Id }, now)
        {
            SubscriptionId = subscription.Id,
            InvoiceId = invoice.GatewayId,
            IntentId = invoice.IntentId,
        };

    /// <summary>The subscription that its checkout began, and the invoice that it settles.</summary>
    public void Invoiced(SubscriptionId subscription, string? invoiceId)
    {
        SubscriptionId ??= subscription;
        InvoiceId ??= invoiceId;
    }

    /// <summary>What a subscription's invoice grants, once it is paid.</summary>
    public void Grants(long credits) => Credits = credits;

    /// <summary>The provider has opened the hosted page.</summary>
    public void SessionOpened(string sessionId, string? url, DateTimeOffset expiresAt, DateTimeOffset now)
    {
        SessionId ??= sessionId;
        SessionUrl = url ?? SessionUrl;
        SessionExpiresAt = expiresAt;
        ScheduleCheck(now);
    }

    /// <summary>The provider has made the intent.</summary>
    public void IntentOpened(string intentId, DateTimeOffset now)
    {
        IntentId ??= intentId;
        ScheduleCheck(now);
    }

    /// <summary>What it was for cannot be given for it; its money goes back.</summary>
    public void BoughtNothing(UndeliveredReason reason) => Undelivered ??= reason;

    /// <summary>An admin takes what was paid for what was agreed. The provider is asked once more, and it is granted.</summary>
    /// <exception cref="Refusal"><c>payment.no_mismatch</c>, <c>payment.mismatch_currency</c></exception>
    public void AcceptMismatch(DateTimeOffset now)
    {
        var mismatch = RequireDecision();
        if (mismatch.Asked.Currency.Code != currency)
        {
            throw PaymentRefusals.MismatchCurrency(mismatch.Asked.Currency, Currency.Of(currency));
        }

        amountMinor = mismatch.Asked.Minor;
        MismatchDecision = Charges.MismatchDecision.Accepted;
        NextCheckAt = IsPaid ? NextCheckAt : now;
    }

    /// <summary>An admin gives back what was paid instead; unless it was paid rightly too, the purchase has come to nothing.</summary>
    /// <exception cref="Refusal"><c>payment.no_mismatch</c>, <c>payment.mismatch_paid</c>, <c>payment.mismatch_subscription</c></exception>
    public Mismatch ReturnMismatch(DateTimeOffset now)
    {
        var mismatch = RequireDecision();
        if (IsPaid && mismatch.IntentId == IntentId)
        {
            throw PaymentRefusals.MismatchPaid();
        }

        if (Kind == PaymentKind.Subscription)
        {
            throw PaymentRefusals.MismatchOfSubscription();
        }

        MismatchDecision = Charges.MismatchDecision.Returned;
        if (!IsPaid)
        {
            (Status, EndedAt) = (PaymentStatus.Canceled, now);
            (FailureCode, FailureMessage, NextCheckAt) = ("amount_mismatch", "Another amount was paid than was agreed; it is given back.", null);
        }

        return mismatch;
    }

    /// <summary>The buyer gives it back without asking anybody.</summary>
    /// <exception cref="Refusal"><c>refund.not_paid</c>, <c>purchase.not_refundable</c>, <c>purchase.refund_window_over</c></exception>
    public void RequireRefundWindow(DateTimeOffset now)
    {
        if (!IsPaid)
        {
            throw RefundRefusals.NotPaid();
        }

        if (RefundableUntil is not { } until)
        {
            throw RefundRefusals.NotByBuyer();
        }

        if (now >= until)
        {
            throw RefundRefusals.WindowOver(until);
        }
    }

    /// <summary>Whether its buyer would be heard, asking for the money back now; that its credits are spent may refuse it still.</summary>
    public bool MayBeGivenBack(DateTimeOffset now) => IsPaid && RefundableUntil > now && Status is not (PaymentStatus.Disputed or PaymentStatus.Lost) && !Refundable.IsZero;

    /// <summary>Its caller asks for its card to be charged: from now on that may be on its way to the provider.</summary>
    public void ChargeAsked(DateTimeOffset now)
    {
        if (!IsOpened && Status == PaymentStatus.Pending)
        {
            (ChargeAskedAt, NextCheckAt) = (now, now + UntilFirstCheck);
        }
    }

    /// <summary>
    /// The provider knows nothing of it. A card is not charged behind the back of a caller who was told that it failed,
    /// so unless that caller may be asking for it at this moment, it is over.
    /// </summary>
    /// <returns>False: it may still be on its way.</returns>
    public bool GiveUp(DateTimeOffset now)
    {
        if (IsOpened || Status != PaymentStatus.Pending || now - (ChargeAskedAt ?? CreatedAt) < LongestSending)
        {
            return false;
        }

        Status = PaymentStatus.Canceled;
        (FailureCode, FailureMessage, NextCheckAt) = (OpeningFailures.GivenUp, "The payment provider could not be reached; nothing was charged.", null);
        return true;
    }

    /// <summary>The provider will not open it at all; nothing can be paid.</summary>
    public void OpeningRefused(string code, string message, DateTimeOffset now)
    {
        if (!IsOver)
        {
            (Status, EndedAt) = (PaymentStatus.Failed, now);
            (FailureCode, FailureMessage, NextCheckAt) = (code, message, null);
        }
    }

    /// <summary>Applies what the provider says. The only way a payment moves.</summary>
    /// <param name="now">The time of the change, for <see cref="CompletedAt"/> and the next check.</param>
    public ReportEffect Report(PaymentReport report, DateTimeOffset now)
    {
        if (Kind == PaymentKind.Subscription && report is { State: ReportedState.Paid, InvoiceId: null })
        {
            // The page and the intent say that money came; what for, and how much of it, is the invoice's to say.
            Remember(report);
            return ReportEffect.None;
        }

        if (report.State == ReportedState.Paid)
        {
            return ReportPaid(report, now);
        }

        Remember(report);
        if (IsOver)
        {
            return ReportEffect.None;
        }

        if (report.IsFinal && SessionExpiresAt > now)
        {
            SessionExpiresAt = now;
        }

        // The hosted page decides when it closes; a cancelled intent beneath it is only its shadow.
        var next = report.State switch
        {
            ReportedState.Open => PaymentStatus.Pending,
            ReportedState.RequiresAction => PaymentStatus.RequiresAction,
            ReportedState.Processing => PaymentStatus.Processing,
            ReportedState.Failed => PaymentStatus.Failed,
            ReportedState.Canceled => Flow == PaymentFlow.Checkout ? Status : PaymentStatus.Canceled,
            _ => PaymentStatus.Expired,
        };

        if (next == PaymentStatus.Failed && Status == next && report.FailureCode is not null && (report.FailureCode, report.FailureMessage) != (FailureCode, FailureMessage))
        {
            return FailAgain(report);
        }

        // "Open" is where everything begins, so as an event it is an echo; only a fresh answer leads back to it.
        if (next == Status || (next == PaymentStatus.Pending && !report.IsFresh))
        {
            return ReportEffect.None;
        }

        var forward = next is PaymentStatus.Canceled or PaymentStatus.Expired || Status == PaymentStatus.Pending;
        if (!forward && !report.IsFresh)
        {
            return ReportEffect.Doubtful;
        }

        Status = next;
        EndedAt = next is PaymentStatus.Failed or PaymentStatus.Canceled or PaymentStatus.Expired ? now : null;
        (FailureCode, FailureMessage) = next == PaymentStatus.Failed ? (report.FailureCode ?? "payment_failed", report.FailureMessage) : (null, null);
        if (IsOver)
        {
            NextCheckAt = null;
        }
        else if (NextCheckAt is null)
        {
            // What had been given up has moved once more: it is asked about from the beginning.
            Checks = 0;
            ScheduleCheck(now);
        }

        return ReportEffect.Changed;
    }

    /// <summary>Another attempt failed, for another reason; which of them was the last, only the provider can tell.</summary>
    private ReportEffect FailAgain(PaymentReport report)
    {
        if (!report.IsFresh)
        {
            return ReportEffect.Doubtful;
        }

        (FailureCode, FailureMessage) = (report.FailureCode, report.FailureMessage);
        return ReportEffect.Changed;
    }

    /// <summary>The provider was asked and nothing came of it yet: when to ask again.</summary>
    public void Checked(DateTimeOffset now)
    {
        Checks++;
        ScheduleCheck(now);
    }

    /// <exception cref="Refusal"><c>refund.amount_invalid</c>, <c>refund.amount_step</c>, <c>refund.currency_mismatch</c>, <c>refund.not_paid</c>, <c>refund.disputed</c>, <c>refund.exceeds_refundable</c></exception>
    public void RequireRefundable(Money amount)
    {
        var ours = Currency.Of(currency);
        if (amount.Currency != ours)
        {
            throw RefundRefusals.OtherCurrency(ours);
        }

        if (!IsPaid)
        {
            throw RefundRefusals.NotPaid();
        }

        if (Status is PaymentStatus.Disputed or PaymentStatus.Lost)
        {
            throw RefundRefusals.Disputed();
        }

        if (amount > Refundable || Refundable.IsZero)
        {
            throw RefundRefusals.ExceedsRefundable(Refundable);
        }

        if (amount.Minor <= 0)
        {
            throw RefundRefusals.AmountInvalid();
        }

        if (amount.Minor % ours.Step != 0)
        {
            throw RefundRefusals.AmountStep(ours);
        }
    }

    /// <summary>Sums up what all its refunds and disputes come to. Where a paid payment stands follows from that alone.</summary>
    /// <returns>What this means for what was bought, if anything.</returns>
    public ReversalKind? Reverse(IReadOnlyCollection<Refund> refunds, IReadOnlyCollection<Dispute> disputes)
    {
        var ours = refunds.Where(r => !r.OfSurplus).ToList();
        RefundedMinor = NoMoreThanPaid(ours.Where(r => r.IsUnderWay).Sum(r => r.Amount.Minor));
        RefundsRequestedMinor = ours.Where(r => r.Status == RefundStatus.Requested).Sum(r => r.Amount.Minor);
        DisputedMinor = disputes.Where(d => d is { IsOpen: true, OfSurplus: false }).Sum(InOurs);
        LostMinor = disputes.Where(d => d is { Status: DisputeStatus.Lost, OfSurplus: false }).Sum(InOurs);
        if (!IsPaid)
        {
            return null;
        }

        var before = Status;
        Status = Standing();
        return (before, Status) switch
        {
            _ when before == Status => null,
            (_, PaymentStatus.Refunded) => ReversalKind.Refunded,
            (_, PaymentStatus.Disputed) => ReversalKind.Disputed,
            (_, PaymentStatus.Lost) => ReversalKind.Lost,
            (PaymentStatus.Refunded or PaymentStatus.Disputed or PaymentStatus.Lost, _) => ReversalKind.Restored,
            _ => null,
        };
    }

    /// <summary>Of a refund that has failed, and of the one in its place, the later news may come first: then both seem to be under way.</summary>
    private long NoMoreThanPaid(long minor) => IsPaid ? Math.Min(minor, Paid.Minor) : minor;

    /// <summary>A bank may count in another currency than the charge's; then it is about all of it.</summary>
    private long InOurs(Dispute dispute) => dispute.Amount.Currency.Code == currency ? dispute.Amount.Minor : totalMinor ?? amountMinor;

    private PaymentStatus Standing() =>
        DisputedMinor > 0 ? PaymentStatus.Disputed
        : LostMinor > 0 ? PaymentStatus.Lost
        : RefundedMinor == 0 ? PaymentStatus.Succeeded
        : RefundedMinor < Paid.Minor ? PaymentStatus.PartiallyRefunded
        : PaymentStatus.Refunded;

    private ReportEffect ReportPaid(PaymentReport report, DateTimeOffset now)
    {
        if (IsPaid)
        {
            if (IsAnotherPurchase(report))
            {
                return ReportEffect.PaidTwice;
            }

            // The session may be heard after its intent, which could not know the subtotal.
            if ((report.Subtotal is not null || Flow == PaymentFlow.Intent) && Disagrees(report))
            {
                return Park(report);
            }

            if (report.IsFresh && (report.Subtotal is not null || Flow == PaymentFlow.Intent))
            {
                ForgetMismatch();
            }

            var known = (IntentId, ChargeId, totalMinor, SessionId);
            Remember(report);
            RememberTotals(report);
            return known == (IntentId, ChargeId, totalMinor, SessionId) ? ReportEffect.None : ReportEffect.Changed;
        }

        // Under a hosted page the intent's amount is after discount and tax: only the session can tell whether it is right.
        if (report.Subtotal is null && (report.Total is null || (Flow == PaymentFlow.Checkout && report.Total != Amount)))
        {
            return ReportEffect.Doubtful;
        }

        if (Disagrees(report))
        {
            return Park(report);
        }

        // What was paid, not what was tried before: refunds go there.
        SessionId = report.SessionId ?? SessionId;
        IntentId = report.IntentId ?? IntentId;
        Remember(report);
        RememberTotals(report);
        ForgetMismatch();
        (CompletedAt, EndedAt) = (now, null);
        RefundedMinor = NoMoreThanPaid(RefundedMinor);
        Status = Standing();
        (FailureCode, FailureMessage, NextCheckAt) = (null, null, null);
        return ReportEffect.Succeeded;
    }

    private static string Describe(Invoice invoice, AgreedPlan? plan) => plan is not null && invoice.Reason == BillingReason.SubscriptionCycle
        ? plan.Name
        : invoice.Lines.OrderByDescending(l => l.Amount.Minor).FirstOrDefault()?.Description is { Length: > 0 } line ? line : plan?.Name ?? "Subscription";

    /// <summary>Told by the intents, which take the money, or by the sessions where one had none (nothing was due).</summary>
    private bool IsAnotherPurchase(PaymentReport report) =>
        report.IntentId is { } said && IntentId is { } ours
            ? said != ours
            : report.SessionId is { } page && SessionId is { } ourPage && page != ourPage;

    /// <summary>A hosted checkout tells its subtotal, which must be the agreed one; a bare intent's whole amount must be.</summary>
    private bool Disagrees(PaymentReport report) =>
        (report.Subtotal ?? report.Total) is { } said && said != Amount;

    private ReportEffect Park(PaymentReport report)
    {
        var asked = (report.Subtotal ?? report.Total)!.Value;
        if (MismatchDecision == Charges.MismatchDecision.Returned && report.IntentId == MismatchIntentId)
        {
            return ReportEffect.None;
        }

        (mismatchMinor, mismatchCurrency) = (asked.Minor, asked.Currency.Code);
        mismatchTotalMinor = report.Total?.Minor;
        MismatchIntentId = report.IntentId ?? MismatchIntentId;
        MismatchDecision = null;
        return ReportEffect.Mismatch;
    }

    /// <summary>The provider says now what was agreed; what an event said otherwise of the same money was not so.</summary>
    private void ForgetMismatch()
    {
        if (AwaitsDecision && (MismatchIntentId is null || MismatchIntentId == IntentId))
        {
            (mismatchMinor, mismatchTotalMinor, mismatchCurrency, MismatchIntentId) = (null, null, null, null);
        }
    }

    private Mismatch RequireDecision() => AwaitsDecision ? Mismatch! : throw PaymentRefusals.NoMismatch();

    private void Remember(PaymentReport report)
    {
        SessionId ??= report.SessionId;
        IntentId ??= report.IntentId;
        ChargeId ??= report.State == ReportedState.Paid ? report.ChargeId : null;
    }

    private void RememberTotals(PaymentReport report)
    {
        if (report.Subtotal is not null || totalMinor is null)
        {
            totalMinor = report.Total?.Minor ?? totalMinor;
            discountMinor = report.Discount?.Minor ?? 0;
            taxMinor = report.Tax?.Minor ?? 0;
        }
    }

    /// <summary>After three times as much silence each time, up to a day, and once the hosted page must have closed.</summary>
    private void ScheduleCheck(DateTimeOffset now)
    {
        if (IsOver || AwaitsDecision || IsGivenUp(now))
        {
            NextCheckAt = null;
            return;
        }

        var next = now + TimeSpan.FromMinutes(MinutesOfSilence[Math.Min(Checks, MinutesOfSilence.Length - 1)]);
        NextCheckAt = SessionExpiresAt is { } closes && closes > now && closes < next ? closes + TimeSpan.FromSeconds(30) : next;
    }

    /// <summary>
    /// Asked through the whole schedule, and nobody can pay it any more, or seems to want to: asking would go on for ever.
    /// An event still revives it. What the provider itself has to decide (a debit under way) is never given up.
    /// </summary>
    private bool IsGivenUp(DateTimeOffset now) => Status switch
    {
        PaymentStatus.Failed => Checks >= MinutesOfSilence.Length && !(SessionExpiresAt > now),
        PaymentStatus.Pending or PaymentStatus.RequiresAction => Flow == PaymentFlow.Intent && Checks >= MostChecksOfAnOpenIntent,
        _ => false,
    };
}
