using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments.Invoices;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Subscriptions;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.Subscriptions;

/// <summary>The caller's own subscriptions; another's is not found.</summary>
[Route("api/v1/subscriptions")]
[Authorize(Policy = Policies.User)]
public sealed class SubscriptionsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>All subscriptions, ended ones too, newest first.</summary>
    [HttpGet("status")]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<SubscriptionResponse>> Status(CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new ListSubscriptions(user.Id), cancellationToken)).Select(SubscriptionResponse.From)], null);

    /// <summary>What a change would cost, without making it; the prorated lines and what is due now.</summary>
    [HttpGet("{id:guid}/preview")]
    [Authorize(Policy = Policies.User)]
    public async Task<ChangePreviewResponse> Preview(Guid id, [FromQuery] ChangeQuery query, CancellationToken cancellationToken) =>
        ChangePreviewResponse.From(await mediator.Send(query.ToQuery(user.Id, new SubscriptionId(id)), cancellationToken));

    /// <summary>Changes plan, seats, or both. A payment that is declined changes nothing (409).</summary>
    [HttpPut("{id:guid}")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<SubscriptionResponse> Change(Guid id, ChangeRequest body, CancellationToken cancellationToken) =>
        SubscriptionResponse.From(await mediator.Send(body.ToCommand(user.Id, new SubscriptionId(id)), cancellationToken));

    /// <summary>Ends it at the end of what is paid, or now.</summary>
    [HttpPost("{id:guid}/cancel")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<SubscriptionResponse> Cancel(Guid id, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] CancelRequest? body, CancellationToken cancellationToken) =>
        SubscriptionResponse.From(await mediator.Send(new CancelSubscription(user.Id, new SubscriptionId(id), body?.AtPeriodEnd ?? true), cancellationToken));

    /// <summary>Takes a cancellation at the period's end back, or ends a pause.</summary>
    [HttpPost("{id:guid}/resume")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<SubscriptionResponse> Resume(Guid id, CancellationToken cancellationToken) =>
        SubscriptionResponse.From(await mediator.Send(new ResumeSubscription(user.Id, new SubscriptionId(id)), cancellationToken));

    /// <summary>Stops collecting money for a while.</summary>
    [HttpPost("{id:guid}/pause")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<SubscriptionResponse> Pause(Guid id, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] PauseRequest? body, CancellationToken cancellationToken) =>
        SubscriptionResponse.From(await mediator.Send(new PauseSubscription(user.Id, new SubscriptionId(id), body?.Behavior, body?.ResumesAt), cancellationToken));
}

/// <param name="Status">The provider's own word: trialing, active, past_due, unpaid, paused, canceled, incomplete, incomplete_expired.</param>
/// <param name="Plan">What is subscribed, whether it is still sold or not.</param>
/// <param name="CurrentPeriodEnd">When it renews, or ends when it is cancelled at the period's end.</param>
public sealed record SubscriptionResponse(
    Guid Id, Guid? PlanId, SubscribedPlanResponse? Plan, string Status, int Quantity, DateTimeOffset? CurrentPeriodEnd, DateTimeOffset? TrialEnd, bool CancelAtPeriodEnd, DateTimeOffset? CancelAt,
    DateTimeOffset? EndedAt, PauseResponse? Pause)
{
    internal static SubscriptionResponse From(SubscriptionView s) => new(
        s.Id.Value, s.PlanId?.Value, s.Plan is { } plan ? SubscribedPlanResponse.From(plan) : null, System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(s.Status.ToString()), s.Quantity, s.CurrentPeriodEnd, s.TrialEnd, s.CancelAtPeriodEnd, s.CancelAt, s.EndedAt,
        s.CollectionPause is { } pause ? new PauseResponse(pause, s.CollectionResumesAt) : null);
}

/// <param name="Price">Of one seat and period, as agreed with this subscriber; what the plan costs today is for who comes today.</param>
public sealed record SubscribedPlanResponse(string Name, string Family, MoneyResponse Price, BillingInterval Interval, int IntervalCount, int MaximumQuantity)
{
    internal static SubscribedPlanResponse From(SubscribedPlan p) => new(p.Name, p.Family, MoneyResponse.From(p.Price), p.Interval, p.IntervalCount, p.MaximumQuantity);
}

/// <summary>Money is not collected at present.</summary>
public sealed record PauseResponse(CollectionPause Behavior, DateTimeOffset? ResumesAt);

/// <param name="AtPeriodEnd">True unless said otherwise.</param>
public sealed record CancelRequest(bool? AtPeriodEnd);

/// <param name="Behavior">What becomes of invoices meanwhile: void (unless said otherwise), keepAsDraft or markUncollectible.</param>
public sealed record PauseRequest(CollectionPause? Behavior, DateTimeOffset? ResumesAt);

/// <param name="PlanId">Another plan of the same family.</param>
/// <param name="Quantity">Seats.</param>
/// <param name="Proration">now, nextInvoice or none. Left out: an upgrade is paid now, a downgrade made good with the next invoice.</param>
/// <param name="At">The preview's moment.</param>
public sealed record ChangeRequest(Guid? PlanId, int? Quantity, Proration? Proration, DateTimeOffset? At)
{
    internal ChangeSubscription ToCommand(UserId user, SubscriptionId id) => new(user, id, PlanId is { } plan ? new PlanId(plan) : null, Quantity, Proration, At?.ToUniversalTime());
}

public sealed record ChangeQuery(Guid? PlanId, int? Quantity, Proration? Proration, DateTimeOffset? At)
{
    internal PreviewSubscriptionChange ToQuery(UserId user, SubscriptionId id) => new(user, id, PlanId is { } plan ? new PlanId(plan) : null, Quantity, Proration, At?.ToUniversalTime());
}

/// <param name="DueNow">Charged at once.</param>
/// <param name="NextTotal">The next invoice as it would be; for a change paid now, that invoice.</param>
/// <param name="At">Hand it in with the change, and it costs exactly this.</param>
public sealed record ChangePreviewResponse(MoneyResponse DueNow, MoneyResponse NextTotal, Proration Proration, DateTimeOffset At, DateTimeOffset? NextAt, IReadOnlyList<InvoiceLineResponse> Lines)
{
    internal static ChangePreviewResponse From(ChangePreviewView p) =>
        new(MoneyResponse.From(p.DueNow), MoneyResponse.From(p.NextTotal), p.Proration, p.At, p.NextAt, [.. p.Lines.Select(InvoiceLineResponse.From)]);
}
