using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Payments.Api.Edge;
using Payments.Api.Edge.Idempotency;
using Payments.Application.Payments.Customers;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.PaymentMethods;

/// <summary>
/// The caller's saved cards: brand, last four digits and expiry. Card numbers go from the buyer's browser to the provider
/// and never come here; a request that carries one is refused.
/// </summary>
[Route("api/v1/payments")]
[Authorize(Policy = Policies.User)]
public sealed class PaymentMethodsController(IMediator mediator, ICurrentUser user, IIdempotencyContext idempotency) : ControllerBase
{
    /// <summary>Lets the page save a card with the provider's script.</summary>
    [HttpPost("setup-intent")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<SetupIntentResponse> Setup([FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] NothingRequest? body, CancellationToken cancellationToken) =>
        SetupIntentResponse.From(await mediator.Send(new StartSetup(user.Id, idempotency.Key), cancellationToken));

    /// <summary>All saved cards, the default one first.</summary>
    [HttpGet("methods")]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<PaymentMethodResponse>> List(CancellationToken cancellationToken) =>
        new([.. (await mediator.Send(new ListPaymentMethods(user.Id), cancellationToken)).Select(PaymentMethodResponse.From)], null);

    /// <summary>Saves a card that the provider's script made on the page.</summary>
    [HttpPost("methods")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<PaymentMethodResponse> Add(PaymentMethodRequest body, CancellationToken cancellationToken) =>
        PaymentMethodResponse.From(await mediator.Send(new AddPaymentMethod(user.Id, body.PaymentMethodId, body.MakeDefault, idempotency.Key), cancellationToken));

    /// <summary>Makes a card the one that later payments take.</summary>
    [HttpPost("methods/{id}/default")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<PaymentMethodResponse> MakeDefault(string id, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] NothingRequest? body, CancellationToken cancellationToken) =>
        PaymentMethodResponse.From(await mediator.Send(new MakePaymentMethodDefault(user.Id, id, idempotency.Key), cancellationToken));

    /// <summary>Forgets a card. The last one of a live subscription goes only with <c>force=true</c>.</summary>
    [HttpDelete("methods/{id}")]
    [Authorize(Policy = Policies.User)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    public async Task<IActionResult> Remove(string id, [FromQuery] bool? force, CancellationToken cancellationToken)
    {
        await mediator.Send(new RemovePaymentMethod(user.Id, id, force ?? false), cancellationToken);
        return NoContent();
    }

    /// <summary>The provider's page where the caller manages cards, subscriptions and invoices.</summary>
    [HttpPost("customer-portal")]
    [Authorize(Policy = Policies.User)]
    [Idempotent]
    public async Task<CustomerPortalResponse> Portal([FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] CustomerPortalRequest? body, CancellationToken cancellationToken) =>
        new((await mediator.Send(new OpenCustomerPortal(user.Id, body?.ReturnUrl, idempotency.Key), cancellationToken)).Url);
}

/// <summary>An object without fields, or no body at all.</summary>
public sealed record NothingRequest;

/// <param name="PaymentMethodId">What the provider's script made: <c>pm_…</c>.</param>
/// <param name="MakeDefault">Left out: when there is no default yet.</param>
public sealed record PaymentMethodRequest(string PaymentMethodId, bool? MakeDefault);

/// <param name="ReturnUrl">Where the page leads back to: an address of the web app.</param>
public sealed record CustomerPortalRequest(string? ReturnUrl);

/// <param name="Url">Send the browser there soon: it works for some minutes.</param>
public sealed record CustomerPortalResponse(string Url);

/// <param name="ClientSecret">For the provider's script on the page; handed only to the buyer.</param>
public sealed record SetupIntentResponse(string Id, string? ClientSecret, SetupStatus Status)
{
    internal static SetupIntentResponse From(SetupView view) => new(view.Id, view.ClientSecret, view.Status);
}

public sealed record PaymentMethodResponse(string Id, string Brand, string Last4, int ExpMonth, int ExpYear, bool IsDefault)
{
    internal static PaymentMethodResponse From(CardView card) => new(card.Id, card.Brand, card.Last4, card.ExpMonth, card.ExpYear, card.IsDefault);
}
