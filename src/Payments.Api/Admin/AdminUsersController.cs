using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Payments.Api.Edge;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments;
using Payments.Application.Admin;
using Payments.Application.Shared;
using Payments.Application.Users.Profile;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>Anybody, for staff: who it is, what happened, and why.</summary>
[Route("api/v1/admin/users")]
[Authorize(Policy = Policies.Staff)]
public sealed class AdminUsersController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>People by email: whoever has exactly this one, or else those whose email begins so (at most 100).</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    [ProducesResponseType(typeof(ListResponse<FoundUserResponse>), StatusCodes.Status200OK)]
    public async Task<ListResponse<FoundUserResponse>> Find([FromQuery] string? email, CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new FindUsers(email ?? ""), cancellationToken)).Select(FoundUserResponse.From)], null);

    /// <summary>One person: who it is, and what there is to spend or owed.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.Staff)]
    [ProducesResponseType(typeof(FoundUserResponse), StatusCodes.Status200OK)]
    public async Task<FoundUserResponse> Get(Guid id, CancellationToken cancellationToken) =>
        FoundUserResponse.From(await mediator.Send(new GetUserForStaff(new UserId(id)), cancellationToken));

    /// <summary>All that happened to a person in one list, newest first: payments, credits, access, notices, the provider's events, refunds, disputes, subscriptions.</summary>
    [HttpGet("{id:guid}/timeline")]
    [Authorize(Policy = Policies.Staff)]
    [ProducesResponseType(typeof(ListResponse<TimelineEntryResponse>), StatusCodes.Status200OK)]
    public async Task<ListResponse<TimelineEntryResponse>> Timeline(Guid id, [FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new GetTimeline(new UserId(id), limit, cursor), cancellationToken), TimelineEntryResponse.From);

    /// <summary>Why a person may use something, or why not: each grant, its source, and what stands behind it.</summary>
    [HttpGet("{id:guid}/access/{resourceType}/{resourceId}/explain")]
    [Authorize(Policy = Policies.Staff)]
    [ProducesResponseType(typeof(AccessExplanationResponse), StatusCodes.Status200OK)]
    public async Task<AccessExplanationResponse> Explain(Guid id, string resourceType, string resourceId, CancellationToken cancellationToken) =>
        AccessExplanationResponse.From(await mediator.Send(new ExplainAccess(new UserId(id), new ResourceReference(resourceType, resourceId)), cancellationToken));

    /// <summary>Forgets who a person is: email, name, and both in stored events; the provider is asked to delete its customer. Payments, ledger and invoices stay.</summary>
    [HttpPost("{id:guid}/erasure")]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    [ProducesResponseType(typeof(ErasureResponse), StatusCodes.Status200OK)]
    public async Task<ErasureResponse> Erase(Guid id, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] ErasureRequest? body, CancellationToken cancellationToken) =>
        ErasureResponse.From(id, await mediator.Send(new EraseUser(new UserId(id), Actors.Of(user, HttpContext), body?.Reason), cancellationToken));
}

/// <param name="Credits">As of the last sweep of expired ones.</param>
public sealed record FoundUserResponse(Guid Id, string? Email, string? Name, long Credits, long Held, long Debt, string? SubscriptionType, DateTimeOffset? SubscriptionExpires, DateTimeOffset CreatedAt)
{
    internal static FoundUserResponse From(FoundUser u) => new(u.Id.Value, u.Email, u.Name, u.Credits, u.Held, u.Debt, u.SubscriptionType, u.SubscriptionExpires, u.CreatedAt);
}

/// <param name="Id">Of the entry.</param>
/// <param name="Kind">payment, refund, dispute, subscription, invoice, order, webhook, credits, access, notice; others may come.</param>
/// <param name="What">Kind and verb: <c>payment.succeeded</c>.</param>
/// <param name="SubjectId">Which one.</param>
/// <param name="Credits">By how much the spendable balance changed.</param>
public sealed record TimelineEntryResponse(Guid Id, DateTimeOffset At, string Kind, string What, string SubjectId, MoneyResponse? Amount, long? Credits, string? Text, Guid? PaymentId)
{
    internal static TimelineEntryResponse From(TimelineEntry e) => new(
        e.Id, e.At, e.Kind, e.What, e.SubjectId, e.Amount is { } amount ? MoneyResponse.From(amount) : null, e.Credits, e.Text, e.PaymentId?.Value);
}

/// <param name="Until">When it is or was over; null with access: never.</param>
/// <param name="Reason">As the access answer has it.</param>
/// <param name="Grants">Those that give access first.</param>
/// <param name="Missing">What could have given access and does not.</param>
public sealed record AccessExplanationResponse(bool Allowed, DateTimeOffset? Until, string Reason, IReadOnlyList<GrantResponse> Grants, IReadOnlyList<SourceFactResponse> Missing)
{
    internal static AccessExplanationResponse From(AccessExplanation e) => new(
        e.Allowed, e.Until, e.Reason, [.. e.Grants.Select(GrantResponse.From)], [.. e.Missing.Select(SourceFactResponse.From)]);
}

/// <param name="Source">What gives it, and which.</param>
/// <param name="Gives">Now.</param>
/// <param name="Behind">The subscription or payment that it stands on, and what became of the money.</param>
public sealed record GrantResponse(string Source, string ResourceType, string ResourceId, AccessState State, DateTimeOffset StartsAt, DateTimeOffset? Until, bool Gives, IReadOnlyList<SourceFactResponse> Behind)
{
    internal static GrantResponse From(ExplainedGrant e) => new(
        e.Grant.Source, e.Grant.Resource.Type, e.Grant.Resource.Id, e.Grant.State, e.Grant.StartsAt, e.Grant.Until, e.Grant.Gives, [.. e.Behind.Select(SourceFactResponse.From)]);
}

/// <param name="Kind">subscription, payment, refund, dispute; others may come.</param>
/// <param name="Text">For people.</param>
public sealed record SourceFactResponse(string Kind, string Id, string State, DateTimeOffset? At, DateTimeOffset? Until, MoneyResponse? Amount, string Text)
{
    internal static SourceFactResponse From(SourceFact f) => new(f.Kind, f.Id, f.State, f.At, f.Until, f.Amount is { } amount ? MoneyResponse.From(amount) : null, f.Text);
}

/// <param name="Reason">For the audit log.</param>
public sealed record ErasureRequest(string? Reason);

/// <param name="Erased">What was forgotten now; zeros when there was nothing left to forget.</param>
public sealed record ErasureResponse(Guid UserId, IReadOnlyList<ErasedResponse> Erased)
{
    internal static ErasureResponse From(Guid user, IReadOnlyList<Erased> erased) => new(user, [.. erased.Select(e => new ErasedResponse(e.What, e.Count))]);
}

/// <param name="What">users, customers, notifications, webhookEvents, providerCustomers (deletions asked for).</param>
public sealed record ErasedResponse(string What, int Count);
