using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>Ends what must not live beside another: a second subscription of a family, a second trial of a person or a card.</summary>
internal sealed class SubscriptionRivals(IPaymentsDb db)
{
    /// <summary>
    /// One live subscription a family, the oldest. Since when two have lived beside each other decides what goes back, and
    /// only all invoices of both tell that: until these were asked for, nobody gives way.
    /// </summary>
    /// <param name="heard">Something was heard of it. Who only reviews makes nobody else due, or two that cannot be asked would do so to each other for ever.</param>
    /// <returns>Whether it is this one whose invoices are to be asked for.</returns>
    public static bool JudgeFamilies(Subscription subscription, IReadOnlyList<Subscription> all, bool heard, DateTimeOffset now)
    {
        var asks = false;
        foreach (var (loser, beside, from) in Rivalry.Losers(all, now))
        {
            var unplaced = beside.Append(loser).Where(s => !s.IsPlaced).ToList();
            asks |= unplaced.Contains(subscription);
            if (unplaced.Count == 0)
            {
                loser.GiveWay(from, now);
            }
            else if (heard)
            {
                unplaced.ForEach(s => s.LookAt(now));
            }
        }

        return asks;
    }

    /// <summary>
    /// One trial a person and card, the first. It is judged while it lasts and has cost nothing: whoever pays for theirs is
    /// never sent away for a card that they took later. Those that turn out to be repeated by what was heard of this one are
    /// left to due work, for they may be other people's.
    /// </summary>
    /// <param name="isNew">That it had a trial, or on which card, was not known before.</param>
    public async Task JudgeTrialsAsync(Subscription subscription, IReadOnlyList<Subscription> all, List<Invoice> invoices, bool isNew, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isOpen = subscription is { IsTrialing: true, Ending: null } && !invoices.Exists(i => i.AmountPaid.Minor > 0);
        if (!isOpen && !(isNew && subscription is { HadTrial: true, Ending: not EndingReason.TrialRepeated }))
        {
            return;
        }

        var own = all.Where(s => s.HadTrial && s != subscription).ToList();
        List<Subscription> others = [];
        if (subscription.CardFingerprint is { } card)
        {
            await db.LockTrialAsync(card, cancellationToken);
            others = await db.Subscriptions.AsNoTracking()
                .Where(s => s.CardFingerprint == card && s.TrialStart != null && s.UserId != subscription.UserId && (isOpen || s.Status == SubscriptionStatus.Trialing))
                .ToListAsync(cancellationToken);
        }

        if (isOpen && own.Concat(others).Any(s => Rivalry.IsOlder(s, subscription)))
        {
            subscription.End(EndingReason.TrialRepeated, now);
        }
        else if (isNew)
        {
            own.FindAll(IsRepeated).ForEach(s => s.LookAt(now));
            await db.LookAtSubscriptionsAsync(others.FindAll(IsRepeated).ConvertAll(s => s.Id), now, cancellationToken);
        }

        bool IsRepeated(Subscription s) => s is { IsTrialing: true, Ending: null } && Rivalry.IsOlder(subscription, s);
    }
}

/// <summary>Who of a user's subscriptions gives way. A function of what the provider says of them alone, whatever came to us first.</summary>
internal static class Rivalry
{
    /// <summary>For so long the provider tries to deliver an event, so that of an older one may be on its way.</summary>
    private static readonly TimeSpan Delivered = TimeSpan.FromDays(3);

    /// <summary>By the provider's creation time, then its id.</summary>
    public static bool IsOlder(Subscription one, Subscription other) =>
        one.GatewayCreatedAt is { } a && other.GatewayCreatedAt is { } b && (a != b ? a < b : string.CompareOrdinal(one.GatewayId, other.GatewayId) < 0);

    /// <summary>
    /// Those beside which older ones of their family lived, and since when. One that had given way by then lived beside
    /// nobody any more. Left out are those of whom that is settled.
    /// </summary>
    public static IReadOnlyList<(Subscription Loser, IReadOnlyList<Subscription> Beside, DateTimeOffset From)> Losers(IReadOnlyList<Subscription> all, DateTimeOffset now)
    {
        var gaveWay = all.Where(s => s.Ending == EndingReason.Superseded).ToDictionary(s => s, s => s.SupersededFrom ?? DateTimeOffset.MinValue);
        var losers = new List<(Subscription, IReadOnlyList<Subscription>, DateTimeOffset)>();
        foreach (var s in all.Where(s => MayGiveWay(s, now)).OrderBy(s => s.GatewayCreatedAt).ThenBy(s => s.GatewayId, StringComparer.Ordinal))
        {
            var met = all.Where(older => older.Family == s.Family && Began(older) && IsOlder(older, s))
                .Select(older => (Older: older, At: Later(older.FamilySince!.Value, s.FamilySince!.Value)))
                .Where(meeting => LivedAt(s, meeting.At) && LivedAt(meeting.Older, meeting.At) && !HadGivenWay(meeting.Older, meeting.At))
                .ToList();
            if (met.Count == 0)
            {
                continue;
            }

            var from = met.Min(meeting => meeting.At);
            if (!HadGivenWay(s, from))
            {
                gaveWay[s] = from;
                losers.Add((s, met.ConvertAll(meeting => meeting.Older), from));
            }
        }

        return losers;

        bool HadGivenWay(Subscription subscription, DateTimeOffset at) => gaveWay.TryGetValue(subscription, out var since) && since <= at;
    }

    /// <summary>
    /// Its owner may have ended it before we heard of the older one: what it was paid was for nothing all the same. And as
    /// long as an event may still be told, one that gave way may have met the older one earlier.
    /// </summary>
    private static bool MayGiveWay(Subscription subscription, DateTimeOffset now) => subscription.Family is not null && Began(subscription) && subscription.Ending switch
    {
        null => subscription.IsLive || subscription.EndedAt > now - Delivered,
        EndingReason.Superseded => !subscription.IsOver || subscription.EndedAt > now - PriceSighting.Told,
        _ => false,
    };

    private static bool Began(Subscription subscription) => subscription is { IsKnown: true, Ending: not EndingReason.TrialRepeated, Status: not (SubscriptionStatus.Incomplete or SubscriptionStatus.IncompleteExpired) };

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static bool LivedAt(Subscription subscription, DateTimeOffset at) => !subscription.IsOver || subscription.EndedAt > at;
}
