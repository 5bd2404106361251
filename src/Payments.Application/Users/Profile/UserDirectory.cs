using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;

namespace Payments.Application.Users.Profile;

internal sealed class UserDirectory(IUsersDb db, IIdGenerator ids, TimeProvider clock) : IUserDirectory
{
    private const int LongestEmail = 254;
    private const int LongestName = 150;
    private const int LongestZone = 64;

    public async ValueTask SeenAsync(UserId id, string? email, string? name, string? timeZone, CancellationToken cancellationToken)
    {
        // A token says what its issuer let people type; what cannot be an address or a name counts as none.
        email = IsText(email, LongestEmail) && System.Net.Mail.MailAddress.TryCreate(email, out var address) && address.Address == email ? email : null;
        name = IsText(name, LongestName) ? name : null;
        var known = await db.Users.AsNoTracking().Where(u => u.Id == id).Select(u => new Person(u.Id, u.Email, u.Name, u.TimeZone)).FirstOrDefaultAsync(cancellationToken);
        timeZone = timeZone != known?.TimeZone && IsZone(timeZone) ? timeZone : null;
        if (known is null)
        {
            await db.AddUserIfMissingAsync(id, email, name, timeZone, clock.GetUtcNow(), cancellationToken);
        }
        else if (timeZone is not null)
        {
            await db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(set => set.SetProperty(u => u.TimeZone, timeZone), cancellationToken);
        }

        if (known is not null && ((email is not null && email != known.Email) || (name is not null && name != known.Name)))
        {
            await using var transaction = await db.BeginAsync(cancellationToken);
            // Set-based on purpose: the row's credits may be moving under another transaction's lock.
            await db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(u => u.Email, email ?? known.Email).SetProperty(u => u.Name, name ?? known.Name), cancellationToken);
            var now = clock.GetUtcNow();
            db.Enqueue(new ProfileChanged(id.Value).ToMessage(ids.Next(), now));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    public Task<IReadOnlyList<Person>> PageAsync(UserId? after, int count, CancellationToken cancellationToken) => db.PeoplePageAsync(after, count, cancellationToken);

    // The name is one of a folder's files: nothing that could lead out of it.
    private static bool IsZone(string? name) => IsText(name, LongestZone) && char.IsAsciiLetter(name![0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '+' or '-') && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    private static bool IsText(string? text, int longest) => text is { Length: > 0 } && text.Length <= longest && !text.Any(char.IsControl);

    public Task<Person?> FindAsync(UserId id, CancellationToken cancellationToken) =>
        db.Users.AsNoTracking().Where(u => u.Id == id).Select(u => (Person?)new Person(u.Id, u.Email, u.Name, u.TimeZone)).FirstOrDefaultAsync(cancellationToken);
}
