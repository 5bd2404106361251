using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;

namespace Payments.Application.Users.Credits;

internal sealed class CreditReturns(IUsersDb db, CreditAccounts accounts, IIdGenerator ids) : ICreditReturns
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
}
