using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Application.Users.Credits;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Entitlements;

/// <summary>Gives a user credits, a subscription, or both, by another service's word. The key makes it happen once.</summary>
/// <param name="Key">The caller's Idempotency-Key: the fact that this is the effect of. Null: every call is a new fact.</param>
public sealed record GrantEntitlements(UserId UserId, long? Credits, SubscriptionGrant? Subscription, string? Key) : IRequest<EntitlementsView>, ITakesTurns
{
    Guid ITakesTurns.TurnKey => UserId.Value;
}

public sealed record SubscriptionGrant(string Type, DateTimeOffset ActiveUntil);

public sealed record EntitlementsView(UserId Id, long Credits, string? SubscriptionType, DateTimeOffset? SubscriptionExpires);

internal sealed class GrantEntitlementsValidator : AbstractValidator<GrantEntitlements>
{
    /// <summary>Before anybody was here: no access began or ended then.</summary>
    private static readonly DateTimeOffset Beginning = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public GrantEntitlementsValidator()
    {
        RuleFor(c => c.UserId).Must(id => id.Value != Guid.Empty).OverridePropertyName("id").WithMessage("A user's id is not all zeros.");
        RuleFor(c => c.Credits).InclusiveBetween(0, CreditRefusals.Maximum).WithMessage($"An amount of credits is a whole number from 0 to {CreditRefusals.Maximum}.");
        RuleFor(c => c.Credits).Must(credits => credits > 0).When(c => c.Subscription is null).WithMessage("Give credits, a subscription, or both.");
        RuleFor(c => c.Subscription!.Type).Must(t => t is { Length: >= 1 and <= 100 } && t.Trim() == t && !t.Any(char.IsControl)).OverridePropertyName("subscription.type")
            .When(c => c.Subscription is not null).WithMessage("A subscription's type is 1 to 100 characters on one line with no space around them, for example 'monthly'.");
        RuleFor(c => c.Subscription!.ActiveUntil).GreaterThanOrEqualTo(Beginning).OverridePropertyName("subscription.activeUntil")
            .When(c => c.Subscription is not null).WithMessage("A subscription's activeUntil is a UTC time of this century in ISO 8601, such as 2027-01-31T12:00:00Z.");
    }
}

internal sealed class GrantEntitlementsHandler(IUsersDb db, CreditAccounts accounts, IAccess access, IIdGenerator ids, TimeProvider clock) : IRequestHandler<GrantEntitlements, EntitlementsView>
{
    public async Task<EntitlementsView> Handle(GrantEntitlements command, CancellationToken cancellationToken)
    {
        // Credits may be given before the person was ever here: a sign-up bonus, say.
        await db.AddUserIfMissingAsync(command.UserId, null, null, null, clock.GetUtcNow(), cancellationToken);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var account = (await accounts.LockAsync(command.UserId, cancellationToken))!;
        var user = account.User;

        var reference = command.Key ?? ids.Next().ToString();
        var key = $"grant:entitlement:{command.UserId}:{reference}";
        var done = command.Credits > 0 && await db.CreditTransactions.AnyAsync(t => t.Key == key, cancellationToken);
        if (!done)
        {
            if (command.Credits is > 0 and { } credits)
            {
                accounts.Write(user.Grant(key, credits, "entitlement", reference, null, null, ids.Next, account.Now));
            }

            if (command.Subscription is { } subscription)
            {
                var until = subscription.ActiveUntil.ToUniversalTime();
                await access.SetAsync(
                    [new AccessSetting(user.Id, "entitlement:subscription", ResourceReference.Platform, account.Now, until, AccessState.Given, new SubscriptionShown(subscription.Type, until))],
                    cancellationToken);
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return new EntitlementsView(user.Id, user.Credits, user.SubscriptionType, user.SubscriptionExpires);
    }
}
