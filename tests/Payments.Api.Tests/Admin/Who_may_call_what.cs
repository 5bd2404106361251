using System.Net;
using Payments.Api.Tests.Worlds;

namespace Payments.Api.Tests.Admin;

/// <summary>Over every admin call that there is: a new one that nobody thought of is looked at too.</summary>
public sealed class Who_may_call_what(World world) : IClassFixture<World>
{
    [Fact]
    public async Task Strangers_and_users_may_call_nothing()
    {
        using var stranger = world.Anonymous();
        using var service = world.Internal();
        using var user = world.NewUser();
        foreach (var call in await AdminCalls.AllAsync(world))
        {
            (await StatusAsync(stranger, call)).ShouldBe(HttpStatusCode.Unauthorized, call.ToString());
            (await StatusAsync(service, call)).ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden);
            (await StatusAsync(user.Http, call)).ShouldBe(HttpStatusCode.Forbidden, call.ToString());
        }
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("support")]
    [InlineData("finance")]
    public async Task Staff_may_call_what_their_role_says(string role)
    {
        using var staff = world.NewUser(null, role);
        foreach (var call in await AdminCalls.AllAsync(world))
        {
            var status = await StatusAsync(staff.Http, call);
            if (May(role, call))
            {
                status.ShouldNotBe(HttpStatusCode.Forbidden, call.ToString());
                ((int)status).ShouldBeLessThan(500, call.ToString());
            }
            else
            {
                status.ShouldBe(HttpStatusCode.Forbidden, call.ToString());
            }
        }
    }

    [Fact]
    public async Task What_staff_were_refused_is_in_the_audit_log_each_time()
    {
        using var admin = world.NewUser(null, "admin");
        foreach (var role in new[] { "support", "finance" })
        {
            using var staff = world.NewUser(null, role);
            var refused = (await AdminCalls.AllAsync(world)).Where(c => !May(role, c)).ToList();
            refused.Count.ShouldBeGreaterThan(8);
            var expected = new List<string>();
            foreach (var call in refused)
            {
                using var request = call.Blank();
                expected.Add($"{call.Method} {request.RequestUri}");
                using var answer = await staff.Http.SendAsync(request);
                answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden, call.ToString());
            }

            var rows = (await admin.GetAsync($"admin/audit-log?actorId={staff.Id}&action=call.refused&limit=100"))["items"]!.AsArray();
            rows.Select(r => r!["subject"]!.ToString()).ShouldBe(expected, ignoreOrder: true);
            rows.ShouldAllBe(r => r!["actorEmail"]!.ToString() == $"{staff.Id:N}@example.com" && r["address"] != null && r["at"] != null);
        }
    }

    [Fact]
    public async Task A_users_refused_calls_fill_no_log()
    {
        using var admin = world.NewUser(null, "admin");
        using var user = world.NewUser();

        using var answer = await user.Http.GetAsync("api/v1/admin/audit-log");

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.GetAsync($"admin/audit-log?actorId={user.Id}"))["items"]!.AsArray().ShouldBeEmpty();
    }

    /// <summary>Admins all; support reads and refunds; finance reads and exports.</summary>
    private static bool May(string role, AdminCall call) => role == "admin"
        || (call.Path.EndsWith("/refunds", StringComparison.Ordinal) ? role == "support"
            : call.Path.Contains("/exports/", StringComparison.Ordinal) ? role == "finance"
            : !call.Writes);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, AdminCall call)
    {
        using var request = call.Blank();
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }
}
