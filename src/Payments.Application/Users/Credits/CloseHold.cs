using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Shared;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>Spends a hold (all of it, or <paramref name="Amount"/> and gives the rest back). A repeat gets the first answer.</summary>
public sealed record CaptureHold(UserId UserId, CreditHoldId HoldId, long? Amount) : IRequest<HoldView>, ITakesTurns
{
    Guid ITakesTurns.TurnKey => UserId.Value;
}

/// <summary>Gives a hold back. A repeat gets the first answer; a captured one is refused.</summary>
public sealed record ReleaseHold(UserId UserId, CreditHoldId HoldId) : IRequest<HoldView>, ITakesTurns
{
    Guid ITakesTurns.TurnKey => UserId.Value;
}

internal sealed class CaptureHoldHandler(IUsersDb db, CreditAccounts accounts, IIdGenerator ids) : IRequestHandler<CaptureHold, HoldView>
{
    public async Task<HoldView> Handle(CaptureHold command, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (account, hold) = await OpenHold.LoadAsync(db, accounts, command.UserId, command.HoldId, cancellationToken);
        if (hold.Status == CreditHoldStatus.Captured && hold.Captured == (command.Amount ?? hold.Amount))
        {
            return HoldView.From(hold, account.User.Credits);
        }

        if (hold.Status == CreditHoldStatus.Open && hold.ExpiresAt <= account.Now)
        {
            await accounts.EndAsync(account, hold, expired: true, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            throw CreditRefusals.HoldClosed(hold.Status);
        }

        var lots = await accounts.LotsOfAsync(hold, cancellationToken);
        var key = SpendRules.Key(command.UserId.Value, hold.Reason, hold.Reference);
        foreach (var entry in account.User.Capture(hold, key, command.Amount ?? hold.Amount, lots, ids.Next, account.Now))
        {
            accounts.Write(entry);
        }

        await accounts.SettleGivenBackAsync(account, hold, lots, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return HoldView.From(hold, account.User.Credits);
    }
}

internal sealed class ReleaseHoldHandler(IUsersDb db, CreditAccounts accounts) : IRequestHandler<ReleaseHold, HoldView>
{
    public async Task<HoldView> Handle(ReleaseHold command, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (account, hold) = await OpenHold.LoadAsync(db, accounts, command.UserId, command.HoldId, cancellationToken);
        if (hold.Status is CreditHoldStatus.Released or CreditHoldStatus.Expired)
        {
            return HoldView.From(hold, account.User.Credits);
        }

        await accounts.EndAsync(account, hold, expired: false, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return HoldView.From(hold, account.User.Credits);
    }
}

internal static class OpenHold
{
    /// <summary>The user's lock first, then the hold: another user's hold is not found.</summary>
    public static async Task<(OpenAccount Account, CreditHold Hold)> LoadAsync(IUsersDb db, CreditAccounts accounts, UserId userId, CreditHoldId holdId, CancellationToken cancellationToken)
    {
        var account = await accounts.LockAsync(userId, cancellationToken) ?? throw CreditRefusals.HoldNotFound();
        var hold = await db.CreditHolds.Include(h => h.Parts).FirstOrDefaultAsync(h => h.Id == holdId && h.UserId == userId, cancellationToken)
            ?? throw CreditRefusals.HoldNotFound();
        return (account, hold);
    }
}
