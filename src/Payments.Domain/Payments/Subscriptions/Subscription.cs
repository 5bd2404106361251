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

    /// <summary>A change that was begun and never ended (a crash) stops blocking others after this.</summary>
    private static readonly TimeSpan ChangeLease = TimeSpan.FromMinutes(1);

    /// <summary>Between two tries to end one that the provider could not end, and between two looks at one that stays silent.</summary>
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Silence = TimeSpan.FromHours(6);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private Subscription()
    {
    }

    /// <summary>Still running, paid or not.</summary>
    public static IReadOnlyList<SubscriptionStatus> LiveStatuses { get; } =
        [SubscriptionStatus.Trialing, SubscriptionStatus.Active, SubscriptionStatus.PastDue, SubscriptionStatus.Unpaid, SubscriptionStatus.Paused];

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

    /// <summary>Of the card behind a trial: one trial a card.</summary>
    public string? CardFingerprint { get; private set; }

    /// <summary>The end of the period that the newest paid invoice covers; null while nothing was paid.</summary>
    public DateTimeOffset? PaidUntil { get; private set; }

    /// <summary>We end it ourselves, for this reason; the provider has been or will be told.</summary>
    public EndingReason? Ending { get; private set; }

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

    public bool IsOver => Status is SubscriptionStatus.Canceled or SubscriptionStatus.IncompleteExpired;

    /// <summary>Counts against the one live subscription of a family.</summary>
    public bool IsLive => IsKnown && LiveStatuses.Contains(Status);

    public bool HadTrial => TrialStart is not null;

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
    public SubscriptionEffect Report(SubscriptionReport report, DateTimeOffset gatewayCreatedAt, Plan? plan)
    {
        if (!report.IsFresh && IsKnown)
        {
            var ends = report.Status is SubscriptionStatus.Canceled or SubscriptionStatus.IncompleteExpired;
            if (IsOver || report.At < StateAt)
            {
                return SubscriptionEffect.None;
            }

            if (!ends && (report.At == StateAt || report.At <= FetchedAt + ClockSkew))
            {
                return SubscriptionEffect.Doubtful;
            }
        }

        GatewayCreatedAt = gatewayCreatedAt;
        (Status, ItemId, PriceId, Quantity) = (report.Status, report.ItemId, report.PriceId, report.Quantity);
        (PlanId, Family) = (plan?.Id, plan?.Family);
        (CurrentPeriodStart, CurrentPeriodEnd) = (report.PeriodStart, report.PeriodEnd);
        (TrialStart, TrialEnd) = (report.TrialStart, report.TrialEnd);
        (CancelAtPeriodEnd, CancelAt, CanceledAt, EndedAt) = (report.CancelAtPeriodEnd, report.CancelAt, report.CanceledAt, report.EndedAt);
        (CollectionPause, CollectionResumesAt) = (report.CollectionPause, report.CollectionResumesAt);
        (LatestInvoiceId, CardFingerprint) = (report.LatestInvoiceId ?? LatestInvoiceId, report.CardFingerprint ?? CardFingerprint);
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

    /// <summary>How far the paid invoices reach: the end of the latest period that one of them covers.</summary>
    public void Paid(IEnumerable<Invoice> invoices) =>
        PaidUntil = invoices.Where(i => i.Status == InvoiceStatus.Paid && i.Period is not null).Select(i => i.Period!.Value).OrderBy(p => p.Start).ThenBy(p => p.End)
            .Select(p => (DateTimeOffset?)p.End).LastOrDefault();

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
                SubscriptionStatus.PastDue => GraceEnd(terms),
                _ => null,
            },
        };
        return CancelAt is { } cancel && until > cancel ? cancel : until;
    }

    /// <summary>We end it ourselves at that time when a renewal stays unpaid.</summary>
    public DateTimeOffset? GraceEnd(AccessTerms terms) => Status == SubscriptionStatus.PastDue ? (PaidUntil ?? TrialEnd ?? CurrentPeriodStart) + terms.Grace : null;

    /// <summary>It shall end. The first reason stays.</summary>
    public void End(EndingReason reason, DateTimeOffset now)
    {
        if (!IsOver && Ending is null)
        {
            (Ending, NextActionAt, NextNoticeAt) = (reason, now, null);
        }
    }

    /// <summary>Plans the next look: nothing of it may hang on an event that is never delivered.</summary>
    public void Schedule(AccessTerms terms, NoticeTerms notices, DateTimeOffset now)
    {
        Reckon(terms, notices);
        if (IsOver)
        {
            NextActionAt = null;
            return;
        }

        if (Ending is not null)
        {
            // Kept as planned, or put off by a try that failed.
            NextActionAt ??= now;
            return;
        }

        DateTimeOffset?[] moments = [AccessUntil(terms), CurrentPeriodEnd + Silence, TrialEnd + Silence, CancelAt + TimeSpan.FromMinutes(1), CollectionResumesAt + Silence, GraceEnd(terms), Status == SubscriptionStatus.Incomplete ? GatewayCreatedAt + TimeSpan.FromHours(24) : null];
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
            SubscriptionStatus.PastDue when Ending is null && notices.GraceEnding is { } notice && GraceEnd(terms) is { } end => new ComingEnd(EndKind.Grace, end, notice),
            SubscriptionStatus.Active when goesOn && CollectionPause is null && notices.Renewal is { } notice && CurrentPeriodEnd is { } end && end - CurrentPeriodStart >= NoticeTerms.LongPeriod
                => new ComingEnd(EndKind.Period, end, notice),
            _ => null,
        };
    }

    /// <summary>Somebody looks after it now; if the provider cannot be asked or told, again later, and ever later the longer it stays silent.</summary>
    public void PutOff(DateTimeOffset now)
    {
        var silent = now - (FetchedAt ?? CreatedAt);
        NextActionAt = IsOver ? null : now + (silent < TryAgainAfter ? TryAgainAfter : silent > LongestWait ? LongestWait : silent);
    }

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
