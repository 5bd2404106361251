using MediatR;
using Payments.Application.Payments.Gateway;
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
        subscription => command.AtPeriodEnd && subscription.CancelAtPeriodEnd ? throw SubscriptionRefusals.Unchanged() : subscription.GatewayId,
        (id, key, token) => command.AtPeriodEnd ? gateway.CancelAtPeriodEndAsync(id, cancel: true, key, token) : gateway.CancelAsync(id, key, token),
        cancellationToken);
}

/// <summary>Takes a cancellation at the period's end back, or collects money again after a pause.</summary>
public sealed record ResumeSubscription(UserId UserId, SubscriptionId SubscriptionId) : IRequest<SubscriptionView>;

internal sealed class ResumeSubscriptionHandler(SubscriptionChanges changes, ISubscriptionGateway gateway) : IRequestHandler<ResumeSubscription, SubscriptionView>
{
    public Task<SubscriptionView> Handle(ResumeSubscription command, CancellationToken cancellationToken) => changes.MakeAsync(
        command.UserId,
        command.SubscriptionId,
        subscription => subscription.CancelAtPeriodEnd || subscription.CollectionPause is not null
            ? (subscription.GatewayId, subscription.CancelAtPeriodEnd, Paused: subscription.CollectionPause is not null)
            : throw SubscriptionRefusals.NothingToResume(),
        async (what, key, token) =>
        {
            var state = what.CancelAtPeriodEnd ? await gateway.CancelAtPeriodEndAsync(what.GatewayId, cancel: false, key, token) : null;
            return what.Paused || state is null ? await gateway.PauseCollectionAsync(what.GatewayId, null, null, $"{key}:collect", token) : state;
        },
        cancellationToken);
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
            subscription => subscription.Status is SubscriptionStatus.Active or SubscriptionStatus.Trialing or SubscriptionStatus.PastDue ? subscription.GatewayId : throw SubscriptionRefusals.NotChangeable(subscription.Status),
            (id, key, token) => gateway.PauseCollectionAsync(id, command.Behaviour ?? CollectionPause.Void, command.ResumesAt, key, token),
            cancellationToken);
}
