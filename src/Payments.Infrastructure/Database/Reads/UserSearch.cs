using Microsoft.EntityFrameworkCore;
using Payments.Application.Users.Profile;
using Payments.Domain.Shared;
using Payments.Domain.Users;

namespace Payments.Infrastructure.Database.Reads;

/// <summary>Emails by their beginning, whatever their case: one index does both.</summary>
internal sealed class UserSearch(PaymentsDbContext db) : IUserSearch
{
    public async Task<IReadOnlyList<FoundUser>> ByEmailAsync(string email, int count, CancellationToken cancellationToken)
    {
        var exact = await View(db.Users.FromSql($"SELECT * FROM users.users WHERE lower(email) = lower({email}) ORDER BY id LIMIT {count}"), cancellationToken);
        if (exact.Count > 0)
        {
            return exact;
        }

        var pattern = email.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal) + "%";
        return await View(db.Users.FromSql($"SELECT * FROM users.users WHERE lower(email) LIKE lower({pattern}) ORDER BY lower(email), id LIMIT {count}"), cancellationToken);
    }

    public async Task<IReadOnlyDictionary<UserId, string>> EmailsAsync(IReadOnlyCollection<UserId> ids, CancellationToken cancellationToken) =>
        await db.Users.AsNoTracking().Where(u => ids.Contains(u.Id) && u.Email != null).ToDictionaryAsync(u => u.Id, u => u.Email!, cancellationToken);

    private static async Task<List<FoundUser>> View(IQueryable<User> users, CancellationToken cancellationToken) => await users.AsNoTracking()
        .Select(u => new FoundUser(u.Id, u.Email, u.Name, u.Credits, u.Held, u.Debt, u.SubscriptionType, u.SubscriptionExpires, u.CreatedAt)).ToListAsync(cancellationToken);
}
