using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Subscriptions;

/// <summary>
/// A subscription as the provider has it, with our own access and grace. The row is the lock under which its events,
/// its invoices' and its checkout's meet.
/// </summary>
public sealed class Subscription
{
    /// <summary>How far the provider's clock and ours may differ: an event this close to an answer may be part of it already.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    /// <summary>Between our last look at one whose grace is over, and the provider's cancellation.</summary>
    private static readonly TimeSpan LastLook = TimeSpan.FromMinutes(2);

    /// <summary>Between our last look at a trial and its first charge: that its card had one before may have been heard of late.</summary>
    private static readonly TimeSpan LastLookAtTrial = TimeSpan.FromHours(1);

    /// <summary>A change that was begun and never ended (a crash) stops blocking others after this.</summary>
    private static readonly TimeSpan ChangeLease = TimeSpan.FromMinutes(1);

    /// <summary>Between two tries to end one that the provider could not end, and between two looks at one that stays silent.</summary>
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Silence = TimeSpan.FromHours(6);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestWaitToEnd = TimeSpan.FromHours(1);

    private List<PriceSighting> prices = [];

    private Subscription()
    {
    }

    /// <summary>Still running, paid or not.</summary>
    public static IReadOnlyList<SubscriptionStatus> LiveStatuses { get; } =
        [SubscriptionStatus.Trialing, SubscriptionStatus.Active, SubscriptionStatus.PastDue, SubscriptionStatus.Unpaid, SubscriptionStatus.Paused];

    /// <summary>Nothing more comes of it.</summary>
    public static IReadOnlyList<SubscriptionStatus> EndStatuses { get; } = [SubscriptionStatus.Canceled, SubscriptionStatus.IncompleteExpired];

    public SubscriptionId Id { get; private set; }

    public UserId UserId { get; private set; }

    /// <summary>The provider's id.</summary>
    public string GatewayId { get; private set; } = "";

    /// <summary>When the provider made it; with <see cref="GatewayId"/> it orders rivals of one family. Null until told.</summary>
    public DateTimeOffset? GatewayCreatedAt { get; private set; }

    /// <summary>The payment whose checkout began it; null for one made elsewhere.</summary>
    public PaymentId? PaymentId { get; private set; }

    /// <summary>Null until its price is known to be one of ours.</summary>
    public PlanId? PlanId { get; private set; }

    /// <summary>Of the plan; one live subscription a user and family.</summary>
    public string? Family { get; private set; }

    /// <summary>When a change of plan brought it into its family; null for one that began there.</summary>
    public DateTimeOffset? MovedAt { get; private set; }

    /// <summary>Since when it has been of its family.</summary>
    public DateTimeOffset? FamilySince => MovedAt ?? GatewayCreatedAt;

    /// <summary>The provider was asked since its price became what it is: what its invoices tell of <see cref="FamilySince"/> is all that they have to tell.</summary>
    public bool IsPlaced { get; private set; }

    /// <summary>Which prices its events have told, in the order of time; see <see cref="PlaceInFamily"/>.</summary>
    public IReadOnlyList<PriceSighting> Prices => prices;

    public string? ItemId { get; private set; }

    public string? PriceId { get; private set; }

    public int Quantity { get; private set; } = 1;

    public SubscriptionStatus Status { get; private set; }

    public DateTimeOffset? CurrentPeriodStart { get; private set; }

    public DateTimeOffset? CurrentPeriodEnd { get; private set; }

    public DateTimeOffset? TrialStart { get; private set; }

    public DateTimeOffset? TrialEnd { get; private set; }

    public bool CancelAtPeriodEnd { get; private set; }

    public DateTimeOffset? CancelAt { get; private set; }

    public DateTimeOffset? CanceledAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public CollectionPause? CollectionPause { get; private set; }

    public DateTimeOffset? CollectionResumesAt { get; private set; }

    public string? LatestInvoiceId { get; private set; }

    /// <summary>The provider's id of the card that it is charged to; null: to the customer's default.</summary>
    public string? PaymentMethodId { get; private set; }

    /// <summary>Of the first card behind its trial, whatever card took its place: one trial a card. Null when it had no trial, or none that we saw a card of.</summary>
    public string? CardFingerprint { get; private set; }

    /// <summary>The end of the period that the newest paid invoice covers; null while nothing was paid.</summary>
    public DateTimeOffset? PaidUntil { get; private set; }

    /// <summary>The provider has cancelled it because a renewal stayed unpaid, before our grace was over.</summary>
    public bool GivenUp { get; private set; }

    /// <summary>We end it ourselves, for this reason; the provider has been or will be told.</summary>
    public EndingReason? Ending { get; private set; }

    /// <summary>Since when an older one of its family lived beside it, to which it gives way; null for one that gives way to none.</summary>
    public DateTimeOffset? SupersededFrom { get; private set; }

    /// <summary>When to look at it again: to end it, or to ask the provider, should no event have come. Null when there is nothing more to come.</summary>
    public DateTimeOffset? NextActionAt { get; private set; }

    /// <summary>When its owner is to be told of the end that comes next; null when there is nothing to tell.</summary>
    public DateTimeOffset? NextNoticeAt { get; private set; }

    /// <summary>The end (of trial, grace or period) that its owner was told of last.</summary>
    public DateTimeOffset? NoticedEnd { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Of the newest event applied.</summary>
    public DateTimeOffset? StateAt { get; private set; }

    /// <summary>When the provider was last asked.</summary>
    public DateTimeOffset? FetchedAt { get; private set; }

    /// <summary>A change of ours is on its way to the provider since then.</summary>
    public DateTimeOffset? ChangingSince { get; private set; }

    /// <summary>The row's version, to tell whether anything happened between a fetch and its application.</summary>
    public uint Version { get; private set; }

    /// <summary>Something was heard of it, not only that it exists.</summary>
    public bool IsKnown => GatewayCreatedAt is not null;

    public bool IsOver => EndStatuses.Contains(Status);

    /// <summary>Counts against the one live subscription of a family.</summary>
    public bool IsLive => IsKnown && LiveStatuses.Contains(Status);

    public bool HadTrial => TrialStart is not null;

    public bool IsTrialing => HadTrial && Status == SubscriptionStatus.Trialing;

    /// <summary>It exists, we know no more than that: enough to lock it.</summary>
    public static Subscription Heard(SubscriptionId id, UserId userId, string gatewayId, PaymentId? paymentId, DateTimeOffset now) => new()
    {
        Id = id,
        UserId = userId,
        GatewayId = gatewayId,
        PaymentId = paymentId,
        CreatedAt = now,
        NextActionAt = now + TryAgainAfter,
    };

    /// <summary>Applies the object's state. What is older than the state known is an echo; what may be either is doubtful.</summary>
    public SubscriptionEffect Report(SubscriptionReport report, DateTimeOffset gatewayCreatedAt, AgreedPlan? plan)
    {
        if (!report.IsFresh)
        {
            // An echo tells nothing of how it stands, but where it came from. An answer's time is ours and not the provider's.
            prices = PriceSighting.Add(prices, new PriceSighting(report.At, report.PriceId));
        }

        if (!report.IsFresh && IsKnown)
        {
            var ends = EndStatuses.Contains(report.Status);
            if (IsOver || report.At < StateAt)
            {
                return SubscriptionEffect.None;
            }

            if (!ends && (report.At == StateAt || report.At <= FetchedAt + ClockSkew))
            {
                return SubscriptionEffect.Doubtful;
            }
        }

        var (asked, wasOver) = (Asked(), IsOver);
        IsPlaced = report.IsFresh || (IsPlaced && report.PriceId == PriceId);
        if (IsKnown && report.PriceId != PriceId && plan?.Terms.Family != Family)
        {
            MovedAt = report.At;
        }

        GatewayCreatedAt = gatewayCreatedAt;
        (Status, ItemId, PriceId, Quantity) = (report.Status, report.ItemId, report.PriceId, report.Quantity);
        (PlanId, Family) = (plan?.Id, plan?.Terms.Family);
        (CurrentPeriodStart, CurrentPeriodEnd) = (report.PeriodStart, report.PeriodEnd);
        (TrialStart, TrialEnd) = (report.TrialStart, report.TrialEnd);
        (CancelAtPeriodEnd, CancelAt, CanceledAt, EndedAt) = (report.CancelAtPeriodEnd, report.CancelAt, report.CanceledAt, report.EndedAt);
        (CollectionPause, CollectionResumesAt) = (report.CollectionPause, report.CollectionResumesAt);
        if (IsOver && !wasOver)
        {
            // What was planned for it is void; what its end leaves to do is to be done now.
            NextActionAt = null;
        }

        GivenUp = report is { Status: SubscriptionStatus.Canceled, EndedUnpaid: true };
        LatestInvoiceId = report.LatestInvoiceId ?? LatestInvoiceId;
        PaymentMethodId = report.PaymentMethodId;
        CardFingerprint ??= IsTrialing ? report.CardFingerprint : null;
        if (Asked() != asked)
        {
            // What came of the change that is under way is known now, even if its answer never came.
            ChangingSince = null;
        }

        if (report.IsFresh)
        {
            FetchedAt = report.At;
        }
        else
        {
            StateAt = report.At;
        }

        return SubscriptionEffect.Applied;
    }

    /// <summary>All that a subscriber can change.</summary>
    private (string?, int, bool, DateTimeOffset?, CollectionPause?, DateTimeOffset?, bool) Asked() =>
        (PriceId, Quantity, CancelAtPeriodEnd, CancelAt, CollectionPause, CollectionResumesAt, IsOver || Status == SubscriptionStatus.Paused);

    /// <summary>How far the paid invoices reach: the end of the latest period that one of them covers.</summary>
    public void Paid(IEnumerable<Invoice> invoices) =>
        PaidUntil = invoices.Where(i => i.Status == InvoiceStatus.Paid && i.Period is not null && !IsTooLate(i)).Select(i => i.Period!.Value).OrderBy(p => p.Start).ThenBy(p => p.End)
            .Select(p => (DateTimeOffset?)p.End).LastOrDefault();

    /// <summary>
    /// Paid for a period that it does not give any more: after its end, or just too late to keep it from ending. Its money
    /// goes back, and it grants nothing.
    /// </summary>
    public bool IsTooLate(Invoice invoice) => IsOver && invoice is { Status: InvoiceStatus.Paid, Period: { } period } && EndedAt is { } ended
        && (invoice.PaidAt > ended || (Ending == EndingReason.GraceOver && !GivenUp && period.End > ended && invoice.PaidAt > ended - LastLook));

    /// <summary>
    /// Until when it gives access, by what was paid and where it stands; null for none. Access is gone at that very moment.
    /// One that ended because its money went back gives what was paid for, as far as the money came back.
    /// </summary>
    public DateTimeOffset? AccessUntil(AccessTerms terms)
    {
        var until = Ending switch
        {
            EndingReason.Superseded or EndingReason.TrialRepeated => null,
            EndingReason.Reversed => PaidUntil,
            _ => Status switch
            {
                SubscriptionStatus.Trialing => TrialEnd + terms.RenewalWindow,
                SubscriptionStatus.Active => PaidUntil + terms.RenewalWindow,
                _ => GraceEnd(terms),
            },
        };
        return CancelAt is { } cancel && until > cancel ? cancel : until;
    }

    /// <summary>
    /// We end it ourselves at that time when a renewal stays unpaid. That was promised, so it holds as well when the
    /// provider has stopped trying, or has cancelled it: then access alone goes on until then.
    /// </summary>
    public DateTimeOffset? GraceEnd(AccessTerms terms) => Status is SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid || (GivenUp && Ending is null)
        ? (PaidUntil ?? TrialEnd ?? CurrentPeriodStart) + terms.Grace
        : null;

    /// <summary>The grace of one that the provider has given up is over.</summary>
    /// <returns>Whether it has just become so: its owner is to be told of the end.</returns>
    public bool EndGrace(AccessTerms terms, DateTimeOffset now)
    {
        if (!GivenUp || !(GraceEnd(terms) <= now))
        {
            return false;
        }

        Ending = EndingReason.GraceOver;
        return true;
    }

    /// <summary>It shall end. The first reason stays.</summary>
    public void End(EndingReason reason, DateTimeOffset now)
    {
        if (!IsOver && Ending is null)
        {
            (Ending, NextActionAt, NextNoticeAt) = (reason, now, null);
        }
    }

    /// <summary>
    /// Since when it has been of its family, as its invoices and its events tell: since the first time that it was seen
    /// there after the last that it was seen elsewhere. So what was heard first decides nothing. A move that no invoice and
    /// no event has told yet counts from when it was heard of.
    /// </summary>
    /// <param name="familyAt">Of the plan that a provider's price is of; null for a foreign one.</param>
    public void PlaceInFamily(IEnumerable<Invoice> invoices, Func<string, string?> familyAt)
    {
        var seen = invoices.SelectMany(i => i.Lines).Where(l => l is { OfSubscription: true, PriceId: not null, Amount.Minor: >= 0 }).Select(l => new PriceSighting(l.PeriodStart, l.PriceId!))
            .Concat(prices).Select(p => (p.At, IsHere: familyAt(p.PriceId) == Family)).ToList();
        var lastElsewhere = seen.Where(p => !p.IsHere).Select(p => (DateTimeOffset?)p.At).Max();
        if (lastElsewhere is not null)
        {
            var here = seen.Where(p => p.IsHere).Select(p => (DateTimeOffset?)p.At).Append(MovedAt).Where(at => at >= lastElsewhere).Min();
            MovedAt = here ?? (FetchedAt > StateAt ? FetchedAt : StateAt ?? FetchedAt);
        }
    }

    /// <summary>Due work is to look at it now: what was heard of another one concerns it.</summary>
    public void LookAt(DateTimeOffset now) => NextActionAt = NextActionAt < now ? NextActionAt : now;

    /// <summary>
    /// It shall end, for an older one of its family has lived beside it since then; or has ended already, and what it was
    /// paid goes back. That they met earlier than was known can still be told afterwards.
    /// </summary>
    public void GiveWay(DateTimeOffset from, DateTimeOffset now)
    {
        if (Ending is null || (Ending == EndingReason.Superseded && from < SupersededFrom))
        {
            (Ending, SupersededFrom, NextNoticeAt) = (EndingReason.Superseded, from, null);
            LookAt(now);
        }
    }

    /// <summary>
    /// What goes back of what an invoice took, for the subscription should not have been: all that a repeated trial was paid,
    /// and of one that gives way what is for the time when the older one lived beside it, rounded up to what can be paid. What
    /// was used up before that stays paid.
    /// </summary>
    public Money ForfeitOf(Invoice invoice)
    {
        if (IsForfeit(invoice))
        {
            return invoice.AmountPaid;
        }

        var (begins, ends) = SoldTime(invoice);
        if (Ending != EndingReason.Superseded || SupersededFrom is not { } from || ends <= begins)
        {
            return Money.Zero(invoice.AmountPaid.Currency);
        }

        var (paid, step) = (invoice.AmountPaid, (Int128)invoice.AmountPaid.Currency.Step);
        var whole = (Int128)(ends - begins).Ticks * step;
        return paid with { Minor = (long)(((paid.Minor * (Int128)Math.Max(0, (ends - from).Ticks)) + whole - 1) / whole * step) };
    }

    /// <summary>Nothing that it was for is kept, so it grants nothing.</summary>
    public bool IsForfeit(Invoice invoice) => Ending switch
    {
        EndingReason.TrialRepeated => true,
        EndingReason.Superseded => SupersededFrom is not { } from || from <= SoldTime(invoice).Begins,
        _ => false,
    };

    private static (DateTimeOffset Begins, DateTimeOffset Ends) SoldTime(Invoice invoice)
    {
        var sold = invoice.Lines.Where(l => l is { OfSubscription: true, Amount.Minor: > 0 }).ToList();
        return sold.Count == 0 ? (invoice.CreatedAt, invoice.CreatedAt) : (sold.Min(l => l.PeriodStart), sold.Max(l => l.PeriodEnd));
    }

    /// <summary>Plans the next look: nothing of it may hang on an event that is never delivered.</summary>
    /// <param name="leavesOpen">An invoice of it can still be paid.</param>
    public void Schedule(AccessTerms terms, NoticeTerms notices, bool leavesOpen, DateTimeOffset now)
    {
        Reckon(terms, notices);
        if (IsOver && !leavesOpen)
        {
            NextActionAt = GraceEnd(terms);
            return;
        }

        if (IsOver || Ending is not null)
        {
            // Kept where a try that failed has put it; but what waits for the end of the grace was planned before there was anything to do.
            NextActionAt = NextActionAt is { } planned && planned != GraceEnd(terms) ? planned : now;
            return;
        }

        if (GraceEnd(terms) <= now)
        {
            // Heard of too late to have been looked at in time.
            NextActionAt = now;
            return;
        }

        DateTimeOffset?[] moments = [AccessUntil(terms), CurrentPeriodEnd + Silence, TrialEnd - LastLookAtTrial, TrialEnd + Silence, CancelAt + TimeSpan.FromMinutes(1), CollectionResumesAt + Silence, GraceEnd(terms), Status == SubscriptionStatus.Incomplete ? GatewayCreatedAt + TimeSpan.FromHours(24) : null];
        NextActionAt = moments.Where(m => m > now).Min() ?? now + TimeSpan.FromDays(1);
    }

    /// <summary>What its owner is to be told now, each end once: not of one that has come already, which other news tell. Plans the next.</summary>
    public ComingEnd? Notice(AccessTerms terms, NoticeTerms notices, DateTimeOffset now)
    {
        Reckon(terms, notices);
        if (!(NextNoticeAt <= now) || Coming(terms, notices) is not { } coming)
        {
            return null;
        }

        (NoticedEnd, NextNoticeAt) = (coming.At, null);
        return coming.At > now ? coming : null;
    }

    private void Reckon(AccessTerms terms, NoticeTerms notices) =>
        NextNoticeAt = Coming(terms, notices) is { } coming && coming.At != NoticedEnd ? coming.At - coming.Notice : null;

    /// <summary>The one end that lies before it, if it is worth a word: of a trial that will cost, of the grace, of a long period that renews.</summary>
    private ComingEnd? Coming(AccessTerms terms, NoticeTerms notices)
    {
        var goesOn = Ending is null && CancelAt is null && !CancelAtPeriodEnd;
        return Status switch
        {
            SubscriptionStatus.Trialing when goesOn && notices.TrialEnding is { } notice && TrialEnd is { } end => new ComingEnd(EndKind.Trial, end, notice),
            SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid when Ending is null && notices.GraceEnding is { } notice && GraceEnd(terms) is { } end => new ComingEnd(EndKind.Grace, end, notice),
            SubscriptionStatus.Active when goesOn && CollectionPause is null && notices.Renewal is { } notice && CurrentPeriodEnd is { } end && end - CurrentPeriodStart >= NoticeTerms.LongPeriod
                => new ComingEnd(EndKind.Period, end, notice),
            _ => null,
        };
    }

    /// <summary>
    /// Somebody looks after it now; if the provider cannot be asked or told, again later, and ever later the longer it stays
    /// silent. What is to end costs until it does, and a trial that is about to cost has no time to lose.
    /// </summary>
    public void PutOff(DateTimeOffset now)
    {
        if (IsOver && NextActionAt is null && IsPlaced)
        {
            return;
        }

        var silent = now - (FetchedAt ?? CreatedAt);
        var longest = IsTrialing && TrialEnd - LastLookAtTrial <= now && now < TrialEnd ? TryAgainAfter : Ending is null ? LongestWait : LongestWaitToEnd;
        NextActionAt = now + (silent > longest ? longest : silent < TryAgainAfter ? TryAgainAfter : silent);
    }

    /// <summary>The provider has taken another card for it.</summary>
    public void ChargedTo(string paymentMethodId) => PaymentMethodId = paymentMethodId;

    /// <summary>Claims the one change that may be under way.</summary>
    /// <exception cref="Refusal"><c>subscription.busy</c>, <c>subscription.over</c></exception>
    public void BeginChange(DateTimeOffset now)
    {
        if (!IsKnown || IsOver || Ending is not null)
        {
            throw SubscriptionRefusals.Over();
        }

        if (ChangingSince is { } since && since + ChangeLease > now && since <= now)
        {
            throw SubscriptionRefusals.Busy();
        }

        ChangingSince = now;
    }

    public void EndChange() => ChangingSince = null;
}
