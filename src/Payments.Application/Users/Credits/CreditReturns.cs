using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;

namespace Payments.Application.Users.Credits;

internal sealed class CreditReturns(IUsersDb db, CreditAccounts accounts, IIdGenerator ids, TimeProvider clock) : ICreditReturns
{
    public async Task<long?> SettleAsync(CreditReturn change, CancellationToken cancellationToken)
    {
        var account = await accounts.LockAsync(change.UserId, cancellationToken);
        var lots = account is null ? [] : await db.CreditLots.Where(l => l.PaymentId == change.PaymentId && l.UserId == change.UserId).OrderBy(l => l.Id).ToListAsync(cancellationToken);
        if (lots.Count == 0)
        {
            return null;
        }

        var share = change.Share;
        var entry = account!.User.Reclaim(
            $"return:{change.Cause}:{share.Reversed}:{share.Disputed}", change.Reason, change.Reference, change.PaymentId, share, change.Spent,
            lots, await accounts.PayersAsync(account, cancellationToken), ids.Next, account.Now);
        if (entry is not null)
        {
            accounts.Write(entry);
        }

        return account.User.Credits;
    }

    public async Task<CreditReturnPreview?> PreviewAsync(CreditReturn change, CancellationToken cancellationToken)
    {
        var (user, all) = await accounts.CopyAsync(change.UserId, change.PaymentId, cancellationToken);
        var lots = all.Where(l => l.PaymentId == change.PaymentId).OrderBy(l => l.Id.Value).ToList();
        if (user is null || lots.Count == 0)
        {
            return null;
        }

        var before = (user.Credits, user.Debt, Returned: lots.Sum(l => l.Returned), Expired: lots.Sum(l => l.ExpiredTakenBack), Forgiven: lots.Sum(l => l.Forgiven));
        user.Reclaim("preview", change.Reason, change.Reference, change.PaymentId, change.Share, change.Spent, lots, [.. all.Where(l => l.Remaining > 0 || l.PaidDebt > 0)], ids.Next, clock.GetUtcNow());
        return new CreditReturnPreview(
            lots.Sum(l => l.Returned) - before.Returned, lots.Sum(l => l.ExpiredTakenBack) - before.Expired, lots.Sum(l => l.Forgiven) - before.Forgiven,
            user.Debt - before.Debt, before.Credits, user.Credits);
    }
}
