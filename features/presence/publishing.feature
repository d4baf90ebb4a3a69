Feature: What the function publishes of a user's presence

  Whoever has a device is there, and whoever has none is not. The presence server holds what was published last, for as long as
  it said.

  @PF-PRS-01 @TP-PF-PRS-01-01.comes-and-goes @MAY @participating-function @presence_source=true
  Scenario: Bob comes, goes, and comes again
    Given Bob, a served user of the class "present", is offline
    And the presence server takes what is published of Bob
    When Bob's phone registers
    Then Bob is published as open
    When Bob's phone is deregistered by the user
    Then Bob is published as closed
    And each publication of Bob builds on the one before
    When Bob's phone registers
    Then Bob is published as open
    And each publication of Bob builds on the one before

  @PF-PRS-01 @TP-PF-PRS-01-01.second-device @MAY @participating-function @presence_source=true
  Scenario: Bob has two devices, of which one goes
    Given Bob, a served user of the class "present", is online with a phone and a tablet
    Then Bob is published as open
    When Bob's phone is deregistered by the user
    And it is quiet for a while
    Then Bob is published as open
    When Bob's tablet is deregistered by the network
    Then Bob is published as closed
    And each publication of Bob builds on the one before

  @PF-PRS-01 @TP-PF-PRS-01-01.each-user @MAY @participating-function @presence_source=true
  Scenario: Bob is there, and Eve goes
    Given Bob, a served user of the class "present", is online with a phone
    And Eve, a served user of the class "present", is online with a tablet
    Then Bob is published as open
    And Eve is published as open
    When Eve's tablet is deregistered by the user
    Then Eve is published as closed
    And Bob is published as open

  @PF-PRS-01 @TP-PF-PRS-01-01.refreshed @MAY @participating-function @presence_source=true @slow @virtual_time
  Scenario: The presence server keeps what is published for a minute
    Given Bob, a served user of the class "present", is offline
    And the presence server keeps what is published of Bob for 60 seconds at most
    When Bob's phone registers
    Then Bob is published as open
    When 150 seconds pass
    Then what is published of Bob is kept up
    And Bob is published as open
    And each publication of Bob builds on the one before
    When Bob's phone is deregistered by the user
    Then Bob is published as closed
    And each publication of Bob builds on the one before

  @PF-PRS-01 @TP-PF-PRS-01-01.forgotten @MAY @participating-function @presence_source=true @slow @virtual_time
  Scenario: The presence server forgets what was published
    Given Bob, a served user of the class "present", is offline
    And the presence server keeps what is published of Bob for 60 seconds at most
    When Bob's phone registers
    Then Bob is published as open
    When the presence server forgets what was published of Bob
    And 70 seconds pass
    Then Bob is published anew
    And Bob is published as open
    And each publication of Bob builds on the one before
    When 70 seconds pass
    Then what is published of Bob is kept up
    And each publication of Bob builds on the one before

  @PF-PRS-01 @TP-PF-PRS-01-01.forgotten-meanwhile @MAY @participating-function @presence_source=true
  Scenario: The presence server forgets what was published before Bob goes
    Given Bob, a served user of the class "present", is online with a phone
    Then Bob is published as open
    When the presence server forgets what was published of Bob
    And Bob's phone is deregistered by the user
    Then Bob is published as closed
    When Bob's phone registers
    Then Bob is published as open
    And each publication of Bob builds on the one before

  @PF-PRS-01 @TP-PF-PRS-01-01.too-brief @MAY @participating-function @presence_source=true
  Scenario: The presence server wants what is published to last
    Given Bob, a served user of the class "present", is offline
    And Eve, a served user of the class "present", is offline
    And the presence server keeps what is published of Bob for 7200 seconds at least
    When Bob's phone registers
    And Eve's tablet registers
    Then what is published of Bob lasts long enough, or is given up
    And Eve is published as open
