using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Shared;
using Payments.Domain.Users;
using Payments.Domain.Users.Credits;

namespace Payments.Application.Users.Credits;

/// <summary>Opens a user's credit account under its lock, with what is past its time already swept.</summary>
internal sealed class CreditAccounts(IUsersDb db, IIdGenerator ids, TimeProvider clock)
{
    public async Task<OpenAccount?> LockAsync(UserId userId, CancellationToken cancellationToken)
    {
        var user = (await db.LockUsersAsync([userId], cancellationToken)).FirstOrDefault();
        if (user is null)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var lots = await InSpendingOrder(db.CreditLots.Where(l => l.UserId == userId && l.Remaining > 0)).ToListAsync(cancellationToken);
        foreach (var lot in lots.Where(l => l.IsExpired(now)))
        {
            Write(user.Expire(lot, ids.Next, now));
        }

        return new OpenAccount(user, [.. lots.Where(l => l.Remaining > 0)], now);
    }

    /// <summary>Copies of a user and of the lots that a return of this payment's credits could move, in spending order, swept; nobody saves them.</summary>
    public async Task<(User? User, IReadOnlyList<CreditLot> Lots)> CopyAsync(UserId userId, PaymentId paymentId, CancellationToken cancellationToken)
    {
        var user = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == userId, cancellationToken);
        var lots = await InSpendingOrder(db.CreditLots.AsNoTracking().Where(l => l.UserId == userId && (l.Remaining > 0 || l.PaidDebt > 0 || l.PaymentId == paymentId))).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        foreach (var lot in lots.Where(l => l.Remaining > 0 && l.IsExpired(now)))
        {
            user?.Expire(lot, ids.Next, now);
        }

        return (user, lots);
    }

    /// <summary>The lots that a hold took from, whatever is left of them.</summary>
    public async Task<Dictionary<CreditLotId, CreditLot>> LotsOfAsync(CreditHold hold, CancellationToken cancellationToken)
    {
        var wanted = hold.Parts.Select(p => p.LotId).ToList();
        return await db.CreditLots.Where(l => wanted.Contains(l.Id)).ToDictionaryAsync(l => l.Id, cancellationToken);
    }

    /// <summary>The lots that can pay debt, or did: in spending order.</summary>
    public Task<List<CreditLot>> PayersAsync(OpenAccount account, CancellationToken cancellationToken) =>
        InSpendingOrder(db.CreditLots.Where(l => l.UserId == account.User.Id && (l.Remaining > 0 || l.PaidDebt > 0))).ToListAsync(cancellationToken);

    private static IQueryable<CreditLot> InSpendingOrder(IQueryable<CreditLot> lots) =>
        lots.OrderBy(l => l.ExpiresAt == null).ThenBy(l => l.ExpiresAt).ThenBy(l => l.CreatedAt).ThenBy(l => l.Id);

    /// <summary>Hands an entry to the unit of work.</summary>
    public void Write(LedgerEntry entry) => db.Append(entry);

    /// <summary>Ends a hold whose time is over and expires what it gave back to lots past theirs.</summary>
    public async Task EndAsync(OpenAccount account, CreditHold hold, bool expired, CancellationToken cancellationToken)
    {
        var lots = await LotsOfAsync(hold, cancellationToken);
        Write(account.User.Release(hold, expired, lots, ids.Next, account.Now));
        await SettleGivenBackAsync(account, hold, lots, cancellationToken);
    }

    /// <summary>What a hold gave back: late lots expire, and what is wanted back or owed comes first of the rest.</summary>
    public async Task SettleGivenBackAsync(OpenAccount account, CreditHold hold, Dictionary<CreditLotId, CreditLot> lots, CancellationToken cancellationToken)
    {
        ExpireLateLots(account, lots.Values);
        if (account.User.Debt == 0 && !lots.Values.Any(l => l.Owed + l.Forgiven > 0 || l.FreezeTarget > l.Frozen))
        {
            return;
        }

        var payers = await PayersAsync(account, cancellationToken);
        if (account.User.PayDebts($"return:hold:{hold.Id}", hold.Reason, hold.Reference, lots.Values, [.. payers.Union(lots.Values)], ids.Next, account.Now) is { } entry)
        {
            Write(entry);
        }
    }

    /// <summary>Credits given back to a lot past its time do not become spendable again.</summary>
    private void ExpireLateLots(OpenAccount account, IEnumerable<CreditLot> lots)
    {
        foreach (var lot in lots.Where(l => l.Remaining > 0 && l.IsExpired(account.Now)))
        {
            Write(account.User.Expire(lot, ids.Next, account.Now));
        }
    }
}

/// <param name="Lots">Unexpired, in spending order.</param>
internal sealed record OpenAccount(User User, IReadOnlyList<CreditLot> Lots, DateTimeOffset Now);
