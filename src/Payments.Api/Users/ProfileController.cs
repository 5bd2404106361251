using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Application.Shared;
using Payments.Application.Users.Credits;
using Payments.Application.Users.Profile;
using Payments.Domain.Users.Credits;

namespace Payments.Api.Users;

/// <summary>The caller's own profile and credits.</summary>
[Route("api/v1/users/me")]
[Authorize(Policy = Policies.User)]
public sealed class ProfileController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>Profile with the credits that can be spent now.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.User)]
    public async Task<ProfileResponse> Get(CancellationToken cancellationToken) =>
        ProfileResponse.From(await mediator.Send(new GetProfile(user.Id), cancellationToken));

    /// <summary>Balance and the ledger's lines, newest first.</summary>
    [HttpGet("credits")]
    [Authorize(Policy = Policies.User)]
    public async Task<CreditsResponse> Credits([FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        CreditsResponse.From(await mediator.Send(new GetCredits(user.Id, limit, cursor), cancellationToken));
}

/// <param name="Credits">What can be spent now: not held, not expired.</param>
public sealed record ProfileResponse(Guid Id, string? Email, long Credits, string? SubscriptionType, DateTimeOffset? SubscriptionExpires)
{
    internal static ProfileResponse From(Profile profile) => new(profile.Id.Value, profile.Email, profile.Credits, profile.SubscriptionType, profile.SubscriptionExpires);
}

/// <param name="Held">Set aside by open holds.</param>
/// <param name="Debt">Owed; later grants pay it first.</param>
public sealed record CreditsResponse(long Credits, long Held, long Debt, IReadOnlyList<CreditLineResponse> Items, string? NextCursor)
{
    internal static CreditsResponse From(CreditStatement statement) => new(
        statement.Credits, statement.Held, statement.Debt,
        [.. statement.Items.Select(l => new CreditLineResponse(l.Id, l.Kind, l.Change, l.Balance, l.Reason, l.Reference, l.PaymentId?.Value, l.At))],
        statement.NextCursor);
}

/// <param name="Amount">By how much the spendable balance changed: negative when it fell.</param>
/// <param name="Balance">The spendable balance after it.</param>
public sealed record CreditLineResponse(Guid Id, CreditTransactionKind Kind, long Amount, long Balance, string Reason, string Reference, Guid? PaymentId, DateTimeOffset At);
