using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>Ends a subscription, at the end of what is paid or now. Nothing is given back by that.</summary>
public sealed record CancelSubscription(UserId UserId, SubscriptionId SubscriptionId, bool AtPeriodEnd) : IRequest<SubscriptionView>;

internal sealed class CancelSubscriptionHandler(SubscriptionChanges changes, ISubscriptionGateway gateway) : IRequestHandler<CancelSubscription, SubscriptionView>
{
    public Task<SubscriptionView> Handle(CancelSubscription command, CancellationToken cancellationToken) => changes.MakeAsync(
        command.UserId,
        command.SubscriptionId,
        command.AtPeriodEnd ? "cancel-at-end" : "cancel",
        subscription => subscription.IsOver || (command.AtPeriodEnd && subscription.CancelAtPeriodEnd),
        subscription => command.AtPeriodEnd && subscription.CancelAtPeriodEnd ? throw SubscriptionRefusals.Unchanged() : subscription.GatewayId,
        (id, key, token) => command.AtPeriodEnd ? gateway.CancelAtPeriodEndAsync(id, cancel: true, key, token) : gateway.CancelAsync(id, key, token),
        cancellationToken);
}

/// <summary>Takes a cancellation to come back, collects money again after a pause, or goes on after a trial that ended without a card.</summary>
public sealed record ResumeSubscription(UserId UserId, SubscriptionId SubscriptionId) : IRequest<SubscriptionView>;

internal sealed class ResumeSubscriptionHandler(SubscriptionChanges changes, IPaymentsDb db, ISubscriptionGateway gateway) : IRequestHandler<ResumeSubscription, SubscriptionView>
{
    public async Task<SubscriptionView> Handle(ResumeSubscription command, CancellationToken cancellationToken)
    {
        var hasCard = await db.PaymentMethods.AnyAsync(m => m.UserId == command.UserId && m.IsDefault && m.DetachedAt == null, cancellationToken);
        var unpaid = await db.Invoices.AsNoTracking().Where(i => i.UserId == command.UserId && i.SubscriptionId == command.SubscriptionId && i.Status == InvoiceStatus.Open)
            .Select(i => i.GatewayId).ToListAsync(cancellationToken);
        return await changes.MakeAsync(
            command.UserId,
            command.SubscriptionId,
            "resume",
            subscription => !subscription.IsOver && !Held.Of(subscription).Any,
            subscription => Held.Of(subscription) switch
            {
                { Any: false } => throw SubscriptionRefusals.NothingToResume(),
                { Paused: true } when !hasCard && subscription.PaymentMethodId is null => throw SubscriptionRefusals.NoCard(),
                var held => held,
            },
            (held, key, token) => ResumeAsync(held, unpaid, key, token),
            cancellationToken);
    }

    private async Task<SubscriptionState> ResumeAsync(Held held, List<string> unpaid, string key, CancellationToken cancellationToken)
    {
        SubscriptionState? state = null;
        if (held.AtPeriodEnd || held.AtTime)
        {
            state = held.AtPeriodEnd
                ? await gateway.CancelAtPeriodEndAsync(held.GatewayId, cancel: false, key, cancellationToken)
                : await gateway.KeepAsync(held.GatewayId, key, cancellationToken);
        }

        if (held.Uncollected)
        {
            state = await gateway.PauseCollectionAsync(held.GatewayId, null, null, $"{key}:collect", cancellationToken);
        }

        if (held.Paused)
        {
            foreach (var invoice in unpaid)
            {
                // Of an earlier try: a period that begins now is billed anew.
                await gateway.VoidInvoiceAsync(invoice, $"{key}:void:{invoice}", cancellationToken);
            }

            state = await gateway.ResumeAsync(held.GatewayId, $"{key}:resume", cancellationToken);
            if (state.Report.Status == SubscriptionStatus.Paused)
            {
                throw new GatewayFailure(
                    GatewayFailureKind.Declined, "The invoice of the period that was to begin is unpaid.", safeMessage: "Your card could not be charged. Save another one and resume once more, or pay the invoice that is open.");
            }
        }

        return state!;
    }

    /// <summary>What keeps it from going on.</summary>
    /// <param name="AtTime">It ends at a time that was set elsewhere.</param>
    private sealed record Held(string GatewayId, bool AtPeriodEnd, bool AtTime, bool Uncollected, bool Paused)
    {
        public bool Any => AtPeriodEnd || AtTime || Uncollected || Paused;

        public static Held Of(Subscription s) =>
            new(s.GatewayId, s.CancelAtPeriodEnd, s.CancelAt is not null && !s.CancelAtPeriodEnd, s.CollectionPause is not null, s.Status == SubscriptionStatus.Paused);
    }
}

/// <summary>Stops collecting money for a while; the subscription goes on.</summary>
/// <param name="Behaviour">What becomes of the invoices meanwhile.</param>
public sealed record PauseSubscription(UserId UserId, SubscriptionId SubscriptionId, CollectionPause? Behaviour, DateTimeOffset? ResumesAt) : IRequest<SubscriptionView>;

internal sealed class PauseSubscriptionHandler(SubscriptionChanges changes, ISubscriptionGateway gateway, TimeProvider clock) : IRequestHandler<PauseSubscription, SubscriptionView>
{
    public Task<SubscriptionView> Handle(PauseSubscription command, CancellationToken cancellationToken) => command.ResumesAt <= clock.GetUtcNow()
        ? throw new Refusal(RefusalKind.Invalid, "resumes_at.past", "A pause ends at a time to come.", "resumesAt")
        : changes.MakeAsync(
            command.UserId,
            command.SubscriptionId,
            $"pause:{command.Behaviour}:{command.ResumesAt:O}",
            subscription => !subscription.IsOver && subscription.CollectionPause == (command.Behaviour ?? CollectionPause.Void)
                && subscription.CollectionResumesAt?.ToUnixTimeSeconds() == command.ResumesAt?.ToUnixTimeSeconds(),
            subscription => subscription.Status is SubscriptionStatus.Active or SubscriptionStatus.Trialing or SubscriptionStatus.PastDue ? subscription.GatewayId : throw SubscriptionRefusals.NotChangeable(subscription.Status),
            (id, key, token) => gateway.PauseCollectionAsync(id, command.Behaviour ?? CollectionPause.Void, command.ResumesAt, key, token),
            cancellationToken);
}
