using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>Sets credits aside until they are captured, released, or the hold ends by itself. A repeat of an open or captured one gets it back.</summary>
public sealed record HoldCredits(UserId UserId, long Amount, string Reason, string Reference) : IRequest<HoldView>, ISpend, ITakesTurns
{
    Guid ITakesTurns.TurnKey => UserId.Value;
}

public sealed record HoldView(CreditHoldId Id, long Amount, string Reason, string Reference, CreditHoldStatus Status, long Captured, DateTimeOffset ExpiresAt, long Credits)
{
    internal static HoldView From(CreditHold hold, long credits) =>
        new(hold.Id, hold.Amount, hold.Reason, hold.Reference, hold.Status, hold.Captured, hold.ExpiresAt, credits);
}

internal sealed class HoldCreditsValidator : AbstractValidator<HoldCredits>
{
    public HoldCreditsValidator() => SpendRules.Rules(this);
}

internal sealed class HoldCreditsHandler(IUsersDb db, CreditAccounts accounts, CreditOptions options, IIdGenerator ids) : IRequestHandler<HoldCredits, HoldView>
{
    public async Task<HoldView> Handle(HoldCredits command, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var account = await accounts.LockAsync(command.UserId, cancellationToken) ?? throw UserRefusals.NotFound();

        var same = await db.CreditHolds.Include(h => h.Parts)
            .Where(h => h.UserId == command.UserId && h.Reason == command.Reason && h.Reference == command.Reference
                && (h.Status == CreditHoldStatus.Open || h.Status == CreditHoldStatus.Captured))
            .OrderByDescending(h => h.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        if (same is { Status: CreditHoldStatus.Open } && same.ExpiresAt <= account.Now)
        {
            await accounts.EndAsync(account, same, expired: true, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            account = await accounts.LockAsync(command.UserId, cancellationToken) ?? throw UserRefusals.NotFound();
        }
        else if (same is not null)
        {
            return same.Amount == command.Amount ? HoldView.From(same, account.User.Credits) : throw CreditRefusals.ReferenceReused(same.Amount);
        }

        var key = SpendRules.Key(command.UserId.Value, command.Reason, command.Reference);
        if (await db.CreditTransactions.AsNoTracking().FirstOrDefaultAsync(t => t.Key == key, cancellationToken) is { } spent)
        {
            throw CreditRefusals.ReferenceReused(-spent.Change);
        }

        var (hold, entry) = account.User.Hold(command.Amount, command.Reason, command.Reference, account.Now + options.HoldLifetime, account.Lots, ids.Next, account.Now);
        db.CreditHolds.Add(hold);
        accounts.Write(entry);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return HoldView.From(hold, account.User.Credits);
    }
}
