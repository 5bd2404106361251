using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Edge.Identity;
using Payments.Api.Payments;
using Payments.Application.Payments.Catalog;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>The items, on sale or not.</summary>
[Route("api/v1/admin/items")]
[Authorize(Policy = Policies.Staff)]
public sealed class AdminItemsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>All of them, in display order.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    public async Task<ListResponse<AdminItemResponse>> List(CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new ListAllItems(), cancellationToken)).Select(AdminItemResponse.From)], null);

    /// <summary>One of them.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.Staff)]
    public async Task<AdminItemResponse> Get(Guid id, CancellationToken cancellationToken) =>
        AdminItemResponse.From(await mediator.Send(new GetItem(new ItemId(id)), cancellationToken));

    /// <summary>A new one, on sale at once unless said otherwise.</summary>
    [HttpPost]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<AdminItemResponse> Create(ItemRequest body, CancellationToken cancellationToken) =>
        AdminItemResponse.From(await mediator.Send(new CreateItem(body.ToTerms(), Actor, body.Reason), cancellationToken));

    /// <summary>Replaces all of it; whoever bought it keeps what was agreed.</summary>
    [HttpPut("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminItemResponse> Edit(Guid id, ItemRequest body, CancellationToken cancellationToken) =>
        AdminItemResponse.From(await mediator.Send(new EditItem(new ItemId(id), body.ToTerms(), Actor, body.Reason), cancellationToken));

    /// <summary>Takes it off sale; it is never removed, and its buyers keep it.</summary>
    [HttpDelete("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminItemResponse> Deactivate(Guid id, [FromQuery] string? reason, CancellationToken cancellationToken) =>
        AdminItemResponse.From(await mediator.Send(new DeactivateItem(new ItemId(id), Actor, reason), cancellationToken));

    private Actor Actor => Actors.Of(user, HttpContext);
}

/// <param name="Type">course, learningPath or lab.</param>
/// <param name="ResourceId">What the rest of the product calls it; our own id when left out.</param>
/// <param name="RefundWindowDays">Days in which its buyer may give it back; as configured for its type when left out.</param>
/// <param name="Active">True when left out.</param>
/// <param name="DisplayOrder">0 when left out.</param>
/// <param name="Reason">For the audit log.</param>
public sealed record ItemRequest(string Name, ItemType Type, string? ResourceId, MoneyRequest Price, int? RefundWindowDays, bool? Active, int? DisplayOrder, string? Reason)
{
    internal ItemTerms ToTerms() => new(Name, Type, ResourceId, Price.ToMoney("price"), RefundWindowDays, Active ?? true, DisplayOrder ?? 0);
}

public sealed record AdminItemResponse(Guid Id, string Name, ItemType Type, string? ResourceId, MoneyResponse Price, int? RefundWindowDays, bool Active, int DisplayOrder)
{
    internal static AdminItemResponse From(ItemDetail item)
    {
        var t = item.Terms;
        return new(item.Id.Value, t.Name, t.Type, t.ResourceId, MoneyResponse.From(t.Price), t.RefundWindowDays, t.Active, t.DisplayOrder);
    }
}
