using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Identity;
using Payments.Api.Edge.Idempotency;
using Payments.Api.Payments;
using Payments.Application.Payments.Catalog;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>The credit packs, on sale or not.</summary>
[Route("api/v1/admin/credit-packs")]
[Authorize(Policy = Policies.Staff)]
public sealed class AdminCreditPacksController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>All of them, in display order.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.Staff)]
    public async Task<ListResponse<AdminCreditPackResponse>> List(CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new ListAllCreditPacks(), cancellationToken)).Select(AdminCreditPackResponse.From)], null);

    /// <summary>One credit pack, on sale or not.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.Staff)]
    public async Task<AdminCreditPackResponse> Get(Guid id, CancellationToken cancellationToken) =>
        AdminCreditPackResponse.From(await mediator.Send(new GetCreditPack(new CreditPackId(id)), cancellationToken));

    /// <summary>A new one, on sale at once unless said otherwise.</summary>
    [HttpPost]
    [Authorize(Policy = Policies.Admin)]
    [Idempotent]
    public async Task<AdminCreditPackResponse> Create(CreditPackRequest body, CancellationToken cancellationToken) =>
        AdminCreditPackResponse.From(await mediator.Send(new CreateCreditPack(body.ToTerms(), Actor, body.Reason), cancellationToken));

    /// <summary>Replaces all of it; what was bought before stays as it was agreed.</summary>
    [HttpPut("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminCreditPackResponse> Edit(Guid id, CreditPackRequest body, CancellationToken cancellationToken) =>
        AdminCreditPackResponse.From(await mediator.Send(new EditCreditPack(new CreditPackId(id), body.ToTerms(), Actor, body.Reason), cancellationToken));

    /// <summary>Takes it off sale; it is never removed.</summary>
    [HttpDelete("{id:guid}")]
    [Authorize(Policy = Policies.Admin)]
    public async Task<AdminCreditPackResponse> Deactivate(Guid id, [FromQuery] string? reason, CancellationToken cancellationToken) =>
        AdminCreditPackResponse.From(await mediator.Send(new DeactivateCreditPack(new CreditPackId(id), Actor, reason), cancellationToken));

    private Actor Actor => Actors.Of(user, HttpContext);
}

/// <param name="CreditsExpireAfterDays">After the purchase; never when left out.</param>
/// <param name="RefundPolicy">What becomes of spent credits when the money goes back; debt when left out.</param>
/// <param name="Active">True when left out.</param>
/// <param name="DisplayOrder">0 when left out.</param>
/// <param name="Reason">For the audit log.</param>
public sealed record CreditPackRequest(string Name, long Credits, MoneyRequest Price, int? CreditsExpireAfterDays, RefundPolicy? RefundPolicy, bool? Active, int? DisplayOrder, string? Reason)
{
    internal CreditPackTerms ToTerms() => new(Name, Credits, Price.ToMoney("price"), CreditsExpireAfterDays, RefundPolicy ?? Domain.Payments.Charges.RefundPolicy.Debt, Active ?? true, DisplayOrder ?? 0);
}

public sealed record AdminCreditPackResponse(Guid Id, string Name, long Credits, MoneyResponse Price, int? CreditsExpireAfterDays, RefundPolicy RefundPolicy, bool Active, int DisplayOrder)
{
    internal static AdminCreditPackResponse From(CreditPackDetail pack) => new(
        pack.Id.Value, pack.Terms.Name, pack.Terms.Credits, MoneyResponse.From(pack.Terms.Price), pack.Terms.CreditsExpireAfterDays, pack.Terms.RefundPolicy, pack.Terms.Active, pack.Terms.DisplayOrder);
}
