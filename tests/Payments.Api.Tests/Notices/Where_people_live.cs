using System.Net.Http.Headers;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Notices;

public sealed class Where_people_live(World world) : IClassFixture<World>
{
    [Fact]
    public async Task The_time_zone_follows_the_token_unless_it_is_none()
    {
        var id = Guid.NewGuid();
        (await SeenAsync(id, null)).ShouldBe("");
        (await SeenAsync(id, "Mars/Olympus_Mons")).ShouldBe("");
        (await SeenAsync(id, "../../../etc/passwd")).ShouldBe("");
        (await SeenAsync(id, "Europe/Berlin")).ShouldBe("Europe/Berlin");
        (await SeenAsync(id, null)).ShouldBe("Europe/Berlin");
        (await SeenAsync(id, "Mars/Olympus_Mons")).ShouldBe("Europe/Berlin");
        (await SeenAsync(id, "Asia/Kolkata")).ShouldBe("Asia/Kolkata");
        (await world.ScalarAsync<long>("SELECT count(*) FROM payments.outbox WHERE type = 'user.profile_changed' AND data->>'userId' = $1", id.ToString())).ShouldBe(0, "the provider need not know");
    }

    private async Task<string> SeenAsync(Guid id, string? timeZone)
    {
        using var client = world.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", World.Token(id, "ada@example.com", [], timeZone));
        (await client.GetAsync("api/v1/users/me")).EnsureSuccessStatusCode();
        return await world.ScalarAsync<string>("SELECT coalesce(time_zone, '') FROM users.users WHERE id = $1", id);
    }
}
